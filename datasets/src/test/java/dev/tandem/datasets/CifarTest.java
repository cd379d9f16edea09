package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarTest {
  private static final int RECORD = 3073;

  @TempDir Path directory;

  /** A record for each label; its first pixel is the label plus 100, its last the label. */
  private static byte[] batch(int... labels) {
    byte[] bytes = new byte[labels.length * RECORD];
    for (int i = 0; i < labels.length; i++) {
      bytes[i * RECORD] = (byte) labels[i];
      bytes[i * RECORD + 1] = (byte) (labels[i] + 100);
      bytes[i * RECORD + RECORD - 1] = (byte) labels[i];
    }
    return bytes;
  }

  private void requireBothRead(PixelDataset raw) {
    assertThat(raw.format()).isEqualTo(new PictureFormat(3, 32, 32));
    assertThat(raw.stratifyBy().orElseThrow()).containsExactly(3, 9, 1, 0, 5);
    assertThat(raw.officialTest().orElseThrow()).containsExactly(3, 4);
    assertThat(raw.classNames()).hasSize(10).startsWith("airplane").endsWith("truck");
    Dataset data = raw.prepare(Splits.holdout(raw, 0, 0.2, 0));
    Preprocessing.Column red = data.preprocessing().columns().get(0);
    float[] test = data.test().inputs().floats();
    assertThat(Math.round(255 * (test[3072] * red.scale() + red.mean()))).isEqualTo(105);
  }

  @Test
  void readsTheFilesInTheOrderOfTheirNumbers() throws IOException {
    Files.write(directory.resolve("data_batch_10.bin"), batch(1));
    Files.write(directory.resolve("data_batch_2.bin"), batch(3, 9));
    Files.write(directory.resolve("test_batch.bin"), batch(0, 5));
    Files.writeString(directory.resolve("batches.meta.txt"), "airplane\n");
    requireBothRead(PixelDataset.readCifar(directory));
    requireBothRead(PixelDataset.read(directory, PictureOptions.DEFAULT));
  }

  @Test
  void readsTheArchive() throws IOException {
    byte[] tar =
        new TarWriter()
            .add("cifar-10-batches-bin/", new byte[0])
            .add("cifar-10-batches-bin/data_batch_2.bin", batch(1))
            .add("cifar-10-batches-bin/test_batch.bin", batch(0, 5))
            .add("cifar-10-batches-bin/data_batch_1.bin", batch(3, 9))
            .add("cifar-10-batches-bin/readme.html", new byte[5])
            .bytes();
    Path archive = Files.write(directory.resolve("cifar.tar.gz"), IdxTest.gzip(tar));
    requireBothRead(PixelDataset.readCifar(archive));
    requireBothRead(PixelDataset.read(archive, PictureOptions.DEFAULT));
  }

  @Test
  void namesWhatIsWrongWithAFile() throws IOException {
    assertThatThrownBy(() -> PixelDataset.readCifar(directory))
        .hasMessage(
            directory
                + " holds no data_batch_1.bin (give the folder or archive of CIFAR-10's binary"
                + " version)");
    Path file = directory.resolve("data_batch_1.bin");
    Files.write(file, Arrays.copyOf(batch(1, 2), 4000));
    assertThatThrownBy(() -> PixelDataset.readCifar(directory))
        .isInstanceOf(DataException.class)
        .hasMessage(
            directory
                + ": data_batch_1.bin has 4000 bytes, no multiple of 3073 up to 1073741824 (fetch"
                + " the file again)");
    Files.write(file, batch(1, 2, 10));
    assertThatThrownBy(() -> PixelDataset.readCifar(directory))
        .hasMessage(
            directory
                + ": data_batch_1.bin has class id 10 in record 2, CIFAR-10 has 0 to 9 (fetch the"
                + " file again)");
    Files.write(file, batch(1, 2));
    Files.createDirectories(directory.resolve("copy"));
    Files.write(directory.resolve("copy/data_batch_1.bin"), batch(1));
    assertThatThrownBy(() -> PixelDataset.readCifar(directory))
        .hasMessageContaining(
            "holds both copy/data_batch_1.bin and data_batch_1.bin (give one of the folders)");
  }
}
