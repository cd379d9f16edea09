package dev.tandem.models.pictures;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files are read back by another program's decoder, the JDK's. */
class PngTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "3, 2", "17, 31", "640, 480"})
  void coloursComeBack(int width, int height) throws IOException {
    Random random = new Random(width);
    Canvas canvas = new Canvas(width, height, 0);
    for (int i = 0; i < width * height; i++) {
      // Noise above, a slope below: every filter is the best of some row.
      int slope = i / width + 3 * (i % width) & 0xFF;
      int rgb = i < width * height / 2 ? random.nextInt(1 << 24) : slope << 16 | slope << 8 | 0x40;
      canvas.set(i % width, i / width, rgb);
    }
    canvas.set(0, 0, 0xFF0102);
    BufferedImage image = read(Png.encode(canvas));
    assertThat(image.getColorModel().getNumComponents()).isEqualTo(3);
    same(canvas, image);
  }

  @Test
  void greyIsWrittenAsGrey() throws IOException {
    Canvas canvas = new Canvas(300, 2, 0);
    for (int i = 0; i < 600; i++) {
      canvas.set(i % 300, i / 300, (i * 7 & 0xFF) * 0x010101);
    }
    byte[] bytes = Png.encode(canvas);
    // The colour type in the header.
    assertThat(bytes[25]).isZero();
    BufferedImage image = read(bytes);
    for (int i = 0; i < 600; i++) {
      assertThat(image.getRaster().getSample(i % 300, i / 300, 0)).isEqualTo(i * 7 & 0xFF);
    }
  }

  @Test
  void replacesTheFile(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("picture.png");
    Png.write(file, new Canvas(2, 2, 0xFFFFFF));
    Canvas second = new Canvas(4, 3, 0x102030);
    Png.write(file, second);
    same(second, read(Files.readAllBytes(file)));
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  private static BufferedImage read(byte[] bytes) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(bytes));
  }

  private static void same(Canvas canvas, BufferedImage image) {
    assertThat(image.getWidth()).isEqualTo(canvas.width());
    assertThat(image.getHeight()).isEqualTo(canvas.height());
    for (int y = 0; y < canvas.height(); y++) {
      for (int x = 0; x < canvas.width(); x++) {
        assertThat(image.getRGB(x, y) & 0xFFFFFF).isEqualTo(canvas.pixel(x, y));
      }
    }
  }
}
