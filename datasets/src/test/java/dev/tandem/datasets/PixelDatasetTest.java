package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PixelDatasetTest {
  /** One rounding to binary32 of numbers around 1. */
  private static final float ROUNDING = 1e-7f;

  private static final Provenance NOWHERE = new Provenance("s", "l", "file", "p", "0");

  @TempDir Path directory;

  /** Four pictures of two channels, one row of two pixels; channel 1 is constant in training. */
  private static PixelDataset dataset(int[] officialTest) {
    return new PixelDataset(
        "pictures",
        new byte[] {0, 51, 9, 9, (byte) 255, 102, 9, 9, 0, 0, 9, 9, 51, 51, 0, 18},
        new PictureFormat(2, 1, 2),
        new int[] {0, 1, 1, 0},
        List.of("cat", "dog"),
        officialTest,
        NOWHERE,
        List.of("read"));
  }

  @Test
  void standardisesEachChannelByTheTrainingRows() {
    Dataset data = dataset(null).prepare(new Split(new int[] {0, 1}, new int[] {2}, new int[] {3}));
    // Channel 1 of rows 0 and 1: 0, 0.2, 1, 0.4.
    double deviation = Math.sqrt((0 + 0.04 + 1 + 0.16) / 4 - 0.16);
    assertThat(data.preprocessing().columns().get(0).mean()).isEqualTo(0.4, within(1e-15));
    assertThat(data.preprocessing().columns().get(0).scale()).isEqualTo(deviation, within(1e-15));
    assertThat(data.train().inputs()).hasToString("float32 [2,2,1,2]");
    float[] train = data.train().inputs().floats();
    assertThat(train[0]).isEqualTo((float) (-0.4 / deviation), within(ROUNDING));
    assertThat(train[5]).isEqualTo(0, within(ROUNDING));
    assertThat(train[2]).as("a constant channel").isZero();
    assertThat(data.test().inputs().floats()[0])
        .isEqualTo((float) (-0.2 / deviation), within(ROUNDING));
    assertThat(data.test().inputs().floats()[3]).as("constant in training").isZero();
    assertThat(data.validation().targets().ints()).containsExactly(1);
    assertThat(data.classNames()).containsExactly("cat", "dog");
    assertThat(data.inputNames()).isEmpty();
    assertThat(data.notes())
        .containsExactly(
            "read",
            "channel 'channel1': pixels are divided by 255 and standardised, training mean 0.4000,"
                + " deviation 0.3742",
            "channel 'channel2' is constant in the training rows and becomes 0");
  }

  @Test
  void keepsTheOfficialTestPart() {
    PixelDataset raw = dataset(new int[] {3, 2});
    Dataset data = raw.prepare(Splits.holdout(raw, 0, 0.2, 7));
    assertThat(data.train().size()).isEqualTo(2);
    assertThat(data.test().targets().ints()).containsExactly(1, 0);
    assertThat(data.notes()).contains("the test part is the publisher's, 2 rows");
  }

  @Test
  void sharesItsPixelsWhenAllRowsTrain() {
    PixelDataset raw = dataset(null);
    Dataset data = raw.prepare(Splits.holdout(raw, 0, 0, 0));
    FloatBuffer row = FloatBuffer.allocate(4);
    data.train().inputs().gather(new int[] {3}, 0, 1, row);
    assertThat(row.get(0)).isEqualTo(row.get(1));
    assertThat(data.train().size()).isEqualTo(4);
    assertThat(data.test().size()).isZero();
  }

  @Test
  void encodesNewArraysAsItEncodedItsOwnBytes() {
    PixelDataset raw = dataset(null);
    Dataset data = raw.prepare(Splits.holdout(raw, 0, 0, 0));
    float[] values = {0, 51, 9, 9, 255, 102, 9, 9};
    HostArray encoded = data.preprocessing().encode("x.npy", HostArray.of(values, 2, 2, 1, 2));
    assertThat(encoded.floats())
        .containsExactly(data.train().inputs().select(new int[] {0, 1}).floats());
    HostArray integers =
        data.preprocessing().encode("x.npy", HostArray.of(new int[] {0, 51, 9, 9}, 1, 2, 1, 2));
    assertThat(integers.floats())
        .containsExactly(data.train().inputs().select(new int[] {0}).floats());
    assertThatThrownBy(() -> data.preprocessing().encode("x.npy", HostArray.of(values, 4, 1, 1, 2)))
        .hasMessage(
            "x.npy is float32 [4,1,1,2], training had pictures of 2 channels, 1x2 pixels (save them"
                + " as [N,2,1,2])");
    values[6] = -0.5f;
    assertThatThrownBy(() -> data.preprocessing().encode("x.npy", HostArray.of(values, 2, 2, 1, 2)))
        .hasMessage("x.npy has the pixel -0.5 in row 1 (save pixels from 0 to 255, not scaled)");
    values[6] = Float.NaN;
    assertThatThrownBy(() -> data.preprocessing().encode("x.npy", HostArray.of(values, 2, 2, 1, 2)))
        .hasMessageContaining("the pixel NaN in row 1");
    Table table = Table.of("t.csv", List.of("a"), List.of(List.of("1")), 2);
    assertThatThrownBy(() -> data.preprocessing().encode(table))
        .hasMessage("t.csv is a table, but training was on pictures (give pictures)");
  }

  @Test
  void encodesOtherPicturesByTheNamesOfTheirClasses() {
    PixelDataset raw = dataset(null);
    Preprocessing preprocessing = raw.prepare(Splits.holdout(raw, 0, 0, 0)).preprocessing();
    byte[] pixels = {0, 51, 9, 9, (byte) 255, 102, 9, 9};
    PixelDataset other =
        new PixelDataset(
            "new",
            pixels,
            raw.format(),
            new int[] {0, 1},
            List.of("dog", "cat"),
            null,
            NOWHERE,
            List.of());
    Examples examples = other.encode(preprocessing);
    assertThat(examples.targets().ints()).containsExactly(1, 0);
    assertThat(examples.inputs().floats())
        .containsExactly(
            preprocessing
                .encode("x", HostArray.of(new int[] {0, 51, 9, 9, 255, 102, 9, 9}, 2, 2, 1, 2))
                .floats());
    PixelDataset unknown =
        new PixelDataset(
            "new",
            pixels,
            raw.format(),
            new int[] {0, 1},
            List.of("dog", "bat"),
            null,
            NOWHERE,
            List.of());
    assertThatThrownBy(() -> unknown.encode(preprocessing))
        .hasMessage("new: unknown class 'bat' (did you mean 'cat'? there are: cat, dog)");
    PixelDataset larger =
        new PixelDataset(
            "new",
            pixels,
            new PictureFormat(1, 2, 2),
            new int[] {0, 1},
            List.of("cat", "dog"),
            null,
            NOWHERE,
            List.of());
    assertThatThrownBy(() -> larger.encode(preprocessing))
        .hasMessage(
            "new has pictures of 1 channel, 2x2 pixels, training was on pictures of 2 channels, 1x2"
                + " pixels (give the same)");
  }

  @Test
  void refusesPicturesThatDoNotGoWithTheirLabels() {
    PictureFormat format = new PictureFormat(1, 1, 2);
    assertThatThrownBy(
            () ->
                new PixelDataset(
                    "x", new byte[4], format, new int[3], List.of("a"), null, NOWHERE, List.of()))
        .hasMessage("x: 2 pictures and 3 labels differ in number (give one label for each)");
    assertThatThrownBy(
            () ->
                new PixelDataset(
                    "x", new byte[4], format, new int[2], List.of("a"), null, NOWHERE, List.of()))
        .hasMessage(
            "x: all 2 pictures are of one class: nothing can be learned (give examples of two"
                + " classes or more)");
    assertThatThrownBy(
            () ->
                new PixelDataset(
                    "x",
                    new byte[4],
                    format,
                    new int[] {0, 1},
                    List.of("a"),
                    null,
                    NOWHERE,
                    List.of()))
        .hasMessageContaining("class id 1 in row 1 is out of range");
  }

  @Test
  void readsIdxFiles() throws IOException {
    byte[] pixels = {0, 1, 2, 3, 4, 5, 6, 7};
    Path images = Files.write(directory.resolve("x-idx3-ubyte"), IdxTest.idx(pixels, 2, 2, 2));
    Path labels =
        Files.write(
            directory.resolve("y-idx1-ubyte.gz"), IdxTest.gzip(IdxTest.idx(new byte[] {3, 0}, 2)));
    PixelDataset raw = PixelDataset.readIdx(images, labels);
    assertThat(raw.size()).isEqualTo(2);
    assertThat(raw.format()).isEqualTo(new PictureFormat(1, 2, 2));
    assertThat(raw.classNames()).containsExactly("0", "1", "2", "3");
    assertThat(raw.stratifyBy().orElseThrow()).containsExactly(3, 0);
    assertThat(raw.officialTest()).isEmpty();
    assertThat(raw.prepare(Splits.holdout(raw, 0, 0, 0)).provenance().path())
        .contains("x-idx3-ubyte, ", "y-idx1-ubyte.gz");
    Path three = Files.write(directory.resolve("z"), IdxTest.idx(new byte[] {3, 0, 1}, 3));
    assertThatThrownBy(() -> PixelDataset.readIdx(images, three))
        .hasMessage(
            "x-idx3-ubyte: 2 pictures and 3 labels differ in number (give one label for each)");
    assertThatThrownBy(() -> PixelDataset.readIdx(labels, images))
        .hasMessageContaining("were pictures and labels swapped?");
  }
}
