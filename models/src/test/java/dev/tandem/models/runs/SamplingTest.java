package dev.tandem.models.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.models.ModelException;
import dev.tandem.models.RandomStreams;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SamplingTest {
  private static final double NONE = Double.NEGATIVE_INFINITY;

  /** Logits of the probabilities 0.1, 0.4, 0.2, 0.3. */
  private static final float[] LOGITS = logits(0.1, 0.4, 0.2, 0.3);

  private static float[] logits(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int i = 0; i < logits.length; i++) {
      // Any common addend is the same distribution.
      logits[i] = (float) (Math.log(probabilities[i]) + 5);
    }
    return logits;
  }

  private static void assertDistribution(Sampling sampling, float[] logits, double... expected) {
    assertThat(sampling.distribution(logits)).containsExactly(expected, within(1e-6));
  }

  @Test
  void plainSamplingIsSoftmax() {
    assertDistribution(Sampling.PLAIN, LOGITS, 0.1, 0.4, 0.2, 0.3);
  }

  @Test
  void temperatureZeroTakesTheLikeliestAndOfEqualsTheFirst() {
    assertDistribution(new Sampling(0, 3, 0.5), LOGITS, 0, 1, 0, 0);
    assertDistribution(new Sampling(0, 3, 0.5), logits(0.2, 0.4, 0.4), 0, 1, 0);
  }

  @Test
  void temperatureOneHalfSquaresTheProbabilities() {
    // 0.01, 0.16, 0.04, 0.09 sum to 0.3.
    assertDistribution(
        new Sampling(0.5, 4, 1), LOGITS, 0.01 / 0.3, 0.16 / 0.3, 0.04 / 0.3, 0.09 / 0.3);
  }

  @Test
  void topKKeepsTheLikeliestAndScalesThemToOne() {
    assertDistribution(new Sampling(1, 2, 1), LOGITS, 0, 4 / 7.0, 0, 3 / 7.0);
    assertDistribution(new Sampling(1, 1, 1), LOGITS, 0, 1, 0, 0);
    assertDistribution(new Sampling(1, 2, 1), logits(0.25, 0.25, 0.25, 0.25), 0.5, 0.5, 0, 0);
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    assertDistribution(new Sampling(1, 4, 0.65), LOGITS, 0, 4 / 7.0, 0, 3 / 7.0);
    assertDistribution(new Sampling(1, 4, 0.75), LOGITS, 0, 4 / 9.0, 2 / 9.0, 3 / 9.0);
    // Even if the likeliest alone has more than p, it stays.
    assertDistribution(new Sampling(1, 4, 0.01), LOGITS, 0, 1, 0, 0);
  }

  @Test
  void topPCountsOnWhatTopKLeft() {
    // Of 4/9, 2/9, 3/9 the first two of them have 7/9 = 0.78; of all tokens they have 0.7.
    assertDistribution(new Sampling(1, 3, 0.75), LOGITS, 0, 4 / 7.0, 0, 3 / 7.0);
  }

  @Test
  void forbiddenTokensAreNeverChosen() {
    float[] logits = LOGITS.clone();
    logits[1] = (float) NONE;
    assertDistribution(Sampling.PLAIN, logits, 1 / 6.0, 0, 2 / 6.0, 3 / 6.0);
  }

  @Test
  void aNumberFallsOnTheTokenThatCoversIt() {
    double[] probabilities = {0, 0.25, 0, 0.75, 0};
    assertThat(Sampling.choose(probabilities, 0)).isEqualTo(1);
    assertThat(Sampling.choose(probabilities, 0.2499)).isEqualTo(1);
    assertThat(Sampling.choose(probabilities, 0.25)).isEqualTo(3);
    assertThat(Sampling.choose(probabilities, Math.nextDown(1.0))).isEqualTo(3);
    // Rounding can leave a sum below 1; a token without probability is still not chosen.
    assertThat(Sampling.choose(new double[] {0.5, 0.4999999, 0}, 0.99999999)).isEqualTo(1);
  }

  @Test
  void frequenciesAreThoseOfTheDistribution() {
    RandomGenerator random = RandomStreams.sampling(3);
    double[] probabilities = Sampling.PLAIN.distribution(LOGITS);
    int draws = 100_000;
    double[] frequencies = new double[4];
    for (int i = 0; i < draws; i++) {
      frequencies[Sampling.choose(probabilities, random.nextDouble())] += 1.0 / draws;
    }
    // Six standard deviations of a share of one half.
    assertThat(frequencies)
        .containsExactly(new double[] {0.1, 0.4, 0.2, 0.3}, within(6 * 0.5 / Math.sqrt(draws)));
  }

  @Test
  void brokenWeightsAreAnError() {
    assertThatThrownBy(() -> Sampling.PLAIN.distribution(new float[] {0, Float.NaN}))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "the network gives the logit NaN to token 1 (the weights are broken: train anew)");
  }

  @Test
  void rangesAreChecked() {
    assertThatThrownBy(() -> new Sampling(-1, 1, 1))
        .hasMessage("--temperature is -1.0 (give 0 for the likeliest token, or more)");
    assertThatThrownBy(() -> new Sampling(Double.NaN, 1, 1)).isInstanceOf(ModelException.class);
    assertThatThrownBy(() -> new Sampling(1, 0, 1)).hasMessage("--top-k is 0 (give 1 or more)");
    assertThatThrownBy(() -> new Sampling(1, 1, 0))
        .hasMessage("--top-p is 0.0 (give a number above 0, at most 1)");
    assertThatThrownBy(() -> new Sampling(1, 1, 1.1)).isInstanceOf(ModelException.class);
  }
}
