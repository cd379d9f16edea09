package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class GeneratorsTest {
  private static Dataset everything(RawDataset raw) {
    return raw.prepare(Splits.holdout(raw, 0, 0, 0));
  }

  @Test
  void addsTwoMarkedNumbers() {
    Dataset data = everything(Generators.adding(50, 11, 3));
    assertThat(data.task()).isEqualTo(Task.REGRESSION);
    assertThat(data.train().inputs()).hasToString("float32 [50,11,2]");
    float[] inputs = data.train().inputs().floats();
    for (int example = 0; example < 50; example++) {
      float sum = 0;
      int[] marks = new int[2];
      for (int step = 0; step < 11; step++) {
        float mark = inputs[(example * 11 + step) * 2 + 1];
        sum += mark * inputs[(example * 11 + step) * 2];
        marks[step < 5 ? 0 : 1] += (int) mark;
      }
      assertThat(marks).containsExactly(1, 1);
      assertThat(data.train().targets().floats()[example]).isEqualTo(sum, within(1e-6f));
    }
  }

  @Test
  void theSeedDecides() {
    String three = everything(Generators.adding(5, 10, 3)).provenance().sha256();
    assertThat(everything(Generators.adding(5, 10, 3)).provenance().sha256()).isEqualTo(three);
    assertThat(everything(Generators.adding(5, 10, 4)).provenance().sha256()).isNotEqualTo(three);
    assertThatThrownBy(() -> Generators.adding(5, 1, 0))
        .isInstanceOf(DataException.class)
        .hasMessage("1 steps are too few (choose 2 or more)");
  }

  @Test
  void mackeyGlassStaysWithinItsAttractor() {
    SeriesDataset raw = Generators.mackeyGlass(600, SeriesDataset.Options.DEFAULT, 0);
    Split split = Splits.holdout(raw, 0, 0.2, 0);
    float[] values = raw.naive(split).actual().floats();
    Moments moments = Moments.of(toDoubles(values));
    assertThat(moments.mean()).isBetween(0.8, 1.0);
    assertThat(moments.deviation()).isBetween(0.2, 0.3);
    for (float value : values) {
      assertThat(value).isBetween(0.2f, 1.4f);
    }
  }

  private static double[] toDoubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
