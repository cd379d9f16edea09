package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrayDatasetTest {
  private static final Provenance PROVENANCE = new Provenance("", "", "file", "x.npy", "");

  private final HostArray x = HostArray.of(new float[] {1, 5, 2, 5, 3, 5, 100, 6}, 4, 2);
  private final HostArray ids = HostArray.of(new int[] {0, 2, 0, 2}, 4);
  private final HostArray numbers = HostArray.of(new float[] {10, 20, 30, 40}, 4);
  private final Split split = new Split(new int[] {0, 1, 2}, new int[0], new int[] {3});

  private static ArrayDataset raw(HostArray x, HostArray y, Task task, boolean standardize) {
    return new ArrayDataset("x", x, y, task, standardize, PROVENANCE);
  }

  private static void assertRefused(
      HostArray x, HostArray y, Task task, boolean standardize, String message) {
    assertThatThrownBy(() -> raw(x, y, task, standardize))
        .isInstanceOf(DataException.class)
        .hasMessage(message);
  }

  @Test
  void takesArraysAsTheyAre() {
    ArrayDataset raw = raw(x, ids, null, false);
    Dataset data = raw.prepare(split);
    assertThat(raw.stratifyBy().orElseThrow()).containsExactly(0, 2, 0, 2);
    assertThat(raw.officialTest()).isEmpty();
    assertThat(data.task()).isEqualTo(Task.CLASSIFICATION);
    assertThat(data.classNames()).containsExactly("0", "1", "2");
    assertThat(data.train().inputs().floats()).containsExactly(1, 5, 2, 5, 3, 5);
    assertThat(data.validation().size()).isZero();
    assertThat(data.test().targets().ints()).containsExactly(2);
    assertThat(data.preprocessing().encode("new.npy", x)).isSameAs(x);
  }

  @Test
  void makesNumbersAColumn() {
    Dataset data = raw(x, numbers, null, false).prepare(split);
    assertThat(data.task()).isEqualTo(Task.REGRESSION);
    assertThat(data.train().targets()).hasToString("float32 [3,1]");
    assertThat(data.targetNames()).containsExactly("target1");
    assertThat(data.preprocessing().target().unscale(0, 7)).isEqualTo(7);
    assertThat(raw(x, ids, Task.REGRESSION, false).prepare(split).train().targets().floats())
        .containsExactly(0, 2, 0);
  }

  @Test
  void standardisesByTheTrainingRowsWhenAsked() {
    Dataset data = raw(x, numbers, null, true).prepare(split);
    assertThat(data.train().inputs().floats())
        .containsExactly(new float[] {-1.2247449f, 0, 0, 0, 1.2247449f, 0}, within(1e-6f));
    assertThat(data.train().targets().floats())
        .containsExactly(new float[] {-1.2247449f, 0, 1.2247449f}, within(1e-6f));
    assertThat(data.notes())
        .containsExactly("1 of 2 elements are constant in the training rows and become 0");
    Preprocessing preprocessing = data.preprocessing();
    assertThat(preprocessing.encode("new.npy", x).select(new int[] {3}).floats())
        .containsExactly(data.test().inputs().floats());
    assertThat(preprocessing.target().unscale(data.test().targets()).floats()[0])
        .isEqualTo(40, within(1e-4f));
    assertThatThrownBy(
            () -> preprocessing.encode("new.npy", HostArray.of(new float[] {1, 2, 3}, 1, 3)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "new.npy is float32 [1,3], training had float32 examples of 2 elements (give the same)");
    HostArray changed = HostArray.of(new float[] {1, 5, 2, 5, 3, 5, -7, 0}, 4, 2);
    assertThat(raw(changed, numbers, null, true).prepare(split).preprocessing())
        .isEqualTo(preprocessing);
  }

  @Test
  void refusesArraysThatDoNotFit() {
    assertRefused(
        x,
        HostArray.of(new int[] {0, 1}, 2),
        null,
        false,
        "x: inputs float32 [4,2] and targets int32 [2] differ in the number of examples (give one target"
            + " for each)");
    assertRefused(
        x,
        HostArray.of(new int[] {0, -1, 0, 1}, 4),
        null,
        false,
        "x: class id -1 in row 1 is out of range (number the classes from 0 to at most 99999)");
    assertRefused(
        x,
        HostArray.of(new int[] {0, 1, Integer.MAX_VALUE, 1}, 4),
        null,
        false,
        "x: class id 2147483647 in row 2 is out of range (number the classes from 0 to at most 99999)");
    assertRefused(
        x,
        HostArray.of(new int[] {3, 3, 3, 3}, 4),
        null,
        false,
        "x: all examples have class id 3: nothing can be learned (give examples of two classes or"
            + " more)");
    assertRefused(
        x,
        HostArray.of(new int[] {0, 1, 0, 1}, 4, 1),
        null,
        false,
        "x: targets int32 [4,1] are not one class id for each example (save y.ravel(), shape [N])");
    assertRefused(
        x,
        numbers,
        Task.CLASSIFICATION,
        false,
        "x: targets float32 [4] are no class ids (save y.astype('int32'), or give --task regression)");
    assertRefused(
        HostArray.of(new float[] {1, 2, Float.NaN, 3}, 4, 1),
        ids,
        null,
        false,
        "x: inputs have NaN in row 2 (replace it, for instance with numpy.nan_to_num)");
    assertRefused(
        ids,
        ids,
        null,
        true,
        "x: inputs int32 [4] are token ids and cannot be standardised (leave --standardize out, or save"
            + " array.astype('float32'))");
  }

  @Test
  void readsTwoFiles(@TempDir Path directory) {
    Path inputs = directory.resolve("x.npy");
    Path targets = directory.resolve("y.npy");
    Npy.write(inputs, x);
    Npy.write(targets, ids);
    ArrayDataset raw = ArrayDataset.read(inputs, targets, null, false);
    assertThat(raw.name()).isEqualTo("x.npy");
    assertThat(raw.size()).isEqualTo(4);
    Provenance provenance = raw.prepare(split).provenance();
    assertThat(provenance.path()).isEqualTo(inputs + ", " + targets);
    assertThat(provenance.sha256())
        .isEqualTo(DataFiles.sha256(inputs) + ", " + DataFiles.sha256(targets));
    assertThatThrownBy(
            () ->
                raw.prepare(split)
                    .preprocessing()
                    .encode(Table.parse("t.csv", new byte[] {0x61, 10, 0x31})))
        .isInstanceOf(DataException.class)
        .hasMessage("t.csv is a table, but training was on an array (give a .npy file)");
  }

  @Test
  void sequencesAreScaledByTheNumbersOfAStep() {
    HostArray inputs = HostArray.of(new float[] {1, 10, 3, 30, 1, 10, 3, 30}, 2, 2, 2);
    ArrayDataset raw =
        new ArrayDataset(
            "s",
            inputs,
            HostArray.of(new int[] {0, 1}, 2),
            null,
            true,
            new Provenance("", "", "", "", ""));
    Preprocessing preprocessing = raw.prepare(Splits.holdout(raw, 0, 0, 0)).preprocessing();
    assertThat(preprocessing.columns()).hasSize(2);
    // A longer sequence than any in training.
    HostArray longer = HostArray.of(new float[] {1, 10, 2, 20, 3, 30}, 1, 3, 2);
    assertThat(preprocessing.encode("new.npy", longer).floats())
        .containsExactly(-1, -1, 0, 0, 1, 1);
    assertThatThrownBy(() -> preprocessing.encode("new.npy", HostArray.of(new float[3], 1, 1, 3)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "new.npy is float32 [1,1,3], training had float32 steps of 2 elements (give the same)");
  }

  /** Keras keeps pictures as bytes. */
  @Test
  void wholeNumbersOfMoreAxesThanTokensAreNumbers() {
    HostArray x = HostArray.of(new int[] {0, 255, 7, 9, 1, 2, 3, 4}, 2, 2, 2);
    Dataset data =
        raw(x, HostArray.of(new int[] {0, 1}, 2), null, false)
            .prepare(new Split(new int[] {0, 1}, new int[0], new int[0]));
    assertThat(data.train().inputs()).hasToString("float32 [2,2,2]");
    assertThat(data.train().inputs().floats()).containsExactly(0, 255, 7, 9, 1, 2, 3, 4);
    assertThat(data.notes())
        .containsExactly(
            "the inputs are whole numbers and taken as they are: --standardize scales them");
    assertThat(data.preprocessing().encode("new.npy", x).floats())
        .containsExactly(data.train().inputs().floats());
    Dataset scaled =
        raw(x, HostArray.of(new int[] {0, 1}, 2), null, true)
            .prepare(new Split(new int[] {0, 1}, new int[0], new int[0]));
    assertThat(scaled.preprocessing().encode("new.npy", x).floats())
        .containsExactly(scaled.train().inputs().floats());
  }

  @Test
  void coloursThatComeLastAreNoted() {
    HostArray y = HostArray.of(new int[] {0, 1}, 2);
    Split all = new Split(new int[] {0, 1}, new int[0], new int[0]);
    Dataset last =
        raw(HostArray.of(new float[2 * 4 * 5 * 3], 2, 4, 5, 3), y, null, false).prepare(all);
    assertThat(last.notes())
        .containsExactly(
            "pictures of 4 channels, 5x3 pixels: if colours come last, save x.transpose(0,3,1,2)");
    Dataset first =
        raw(HostArray.of(new float[2 * 3 * 5 * 3], 2, 3, 5, 3), y, null, false).prepare(all);
    assertThat(first.notes()).isEmpty();
  }
}
