package dev.tandem.models.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Npy;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.Task;
import dev.tandem.models.ModelException;
import dev.tandem.models.training.Loss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictionsTest {
  /** Probabilities are rounded to binary32. */
  private static final float ROUNDING = 1e-7f;

  private static final HostArray LOGITS = HostArray.of(new float[] {0, (float) Math.log(3)}, 1, 2);

  @TempDir private Path directory;

  @Test
  void probabilitiesAreSoftmaxOrSigmoid() {
    assertThat(Predictions.probabilities(LOGITS, Loss.CCE).floats())
        .containsExactly(new float[] {0.25f, 0.75f}, within(ROUNDING));
    assertThat(Predictions.probabilities(LOGITS, Loss.BCE).floats())
        .containsExactly(new float[] {0.5f, 0.75f}, within(ROUNDING));
    HostArray huge = HostArray.of(new float[] {1000, -1000}, 1, 2);
    assertThat(Predictions.probabilities(huge, Loss.CCE).floats()).containsExactly(1, 0);
    assertThat(Predictions.probabilities(huge, Loss.BCE).floats()).containsExactly(1, 0);
  }

  @Test
  void aTableHasTheClassInFrontAndQuotesNames() throws IOException {
    Path file = directory.resolve("out.csv");
    Preprocessing.Target target =
        new Preprocessing.Target(
            Task.CLASSIFICATION, List.of("kind"), List.of("a", "b,c"), List.of(), List.of());

    Predictions.write(
        file,
        HostArray.of(new float[] {0.25f, 0.75f}, 1, 2),
        new int[] {1},
        target,
        example -> 1,
        null);

    assertThat(Files.readString(file).lines())
        .containsExactly("kind,a,\"b,c\"", "\"b,c\",0.25,0.75");
  }

  @Test
  void namesStandInFrontOfAll() throws IOException {
    Path file = directory.resolve("out.csv");
    NewData.RowNames names = new NewData.RowNames("file", List.of("a.png", "b.png"));

    Predictions.write(
        file, HostArray.of(new float[] {1, 2}, 2, 1), new int[2], null, example -> 1, names);

    assertThat(Files.readString(file).lines())
        .containsExactly("file,output1", "a.png,1.0", "b.png,2.0");
  }

  @Test
  void anArrayHoldsTheOutputs() {
    Path file = directory.resolve("out.npy");

    Predictions.write(file, LOGITS, new int[] {1}, null, example -> 1, null);

    assertThat(Npy.read(file).floats()).isEqualTo(LOGITS.floats());
    assertThat(Npy.read(file).shape()).containsExactly(1, 2);
  }

  @Test
  void otherEndingsAreRefused() {
    Path file = directory.resolve("out.txt");
    assertThatThrownBy(() -> Predictions.requireKnownFormat(file))
        .isInstanceOf(ModelException.class)
        .hasMessage(file + " ends neither in .npy nor in .csv (choose one of them)");
  }
}
