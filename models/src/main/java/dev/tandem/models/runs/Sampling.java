package dev.tandem.models.runs;

import dev.tandem.models.ModelException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * How the next token is chosen from logits. Temperature comes first, then the k likeliest tokens
 * are kept (Fan et al. 2018), then of these the fewest likeliest that have at least the probability
 * p together, the nucleus (Holtzman et al. 2020); what is kept is scaled to the sum 1. Of equally
 * likely tokens the one with the smaller id counts as the likelier.
 *
 * @param temperature by which logits are divided, finite; 0 takes the likeliest token
 * @param topK the most tokens to choose from, at least 1
 * @param topP above 0, at most 1
 */
public record Sampling(double temperature, int topK, double topP) {
  /** From all tokens, with the probabilities that the network gives. */
  public static final Sampling PLAIN = new Sampling(1, Integer.MAX_VALUE, 1);

  /** Checks the ranges. */
  public Sampling {
    if (!(temperature >= 0 && temperature <= Double.MAX_VALUE)) {
      throw outOfRange("temperature", temperature, "0 for the likeliest token, or more");
    }
    if (topK < 1) {
      throw outOfRange("top-k", topK, "1 or more");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw outOfRange("top-p", topP, "a number above 0, at most 1");
    }
  }

  private static ModelException outOfRange(String what, Number value, String remedy) {
    return new ModelException(
        String.format(Locale.ROOT, "--%s is %s (give %s)", what, value, remedy));
  }

  /**
   * Returns the probability of each token.
   *
   * @param logits of all tokens; negative infinity for one that must not be chosen
   * @throws ModelException if a logit is NaN or positive infinity
   */
  public double[] distribution(float[] logits) {
    Integer[] byLogit = IntStream.range(0, logits.length).boxed().toArray(Integer[]::new);
    Arrays.sort(byLogit, Comparator.comparingDouble(id -> -finite(logits, id)));
    double[] probabilities = new double[logits.length];
    if (temperature == 0) {
      probabilities[byLogit[0]] = 1;
      return probabilities;
    }
    int kept = Math.min(topK, logits.length);
    double largest = logits[byLogit[0]];
    double[] weights = new double[kept];
    double sum = 0;
    for (int i = 0; i < kept; i++) {
      weights[i] = Math.exp((logits[byLogit[i]] - largest) / temperature);
      sum += weights[i];
    }
    double wanted = topP * sum;
    double nucleus = 0;
    int size = 0;
    while (size < kept && (size == 0 || nucleus < wanted)) {
      nucleus += weights[size++];
    }
    for (int i = 0; i < size; i++) {
      probabilities[byLogit[i]] = weights[i] / nucleus;
    }
    return probabilities;
  }

  private static float finite(float[] logits, int id) {
    float logit = logits[id];
    if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
      throw new ModelException(
          "the network gives the logit %s to token %d (the weights are broken: train anew)"
              .formatted(logit, id));
    }
    return logit;
  }

  /**
   * Returns the token that a number from 0 to below 1 falls on, if the probabilities of all tokens
   * are laid out one after the other.
   */
  public static int choose(double[] probabilities, double uniform) {
    double below = 0;
    int last = 0;
    for (int id = 0; id < probabilities.length; id++) {
      if (probabilities[id] > 0) {
        below += probabilities[id];
        last = id;
        if (uniform < below) {
          return id;
        }
      }
    }
    // The sum may be a rounding error below 1.
    return last;
  }
}
