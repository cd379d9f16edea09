package dev.tandem.datasets.detection;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class LetterboxTest {
  /** 4 x 2 pixels in a square of 2: half as large, 2 x 1, in the upper row of the middle. */
  @Test
  void shrinksAndCentres() {
    BufferedImage picture = new BufferedImage(4, 2, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 8; i++) {
      picture.setRGB(i % 4, i / 4, i % 4 < 2 ? 0xFF0000 : 0x0000FF);
    }
    byte[] pixels = Letterbox.of(4, 2, 2).draw(picture).pixels();
    // Of a line of four, the first new pixel takes the first three by 3, 3, 1 sevenths, so 6/7 of
    // its own colour; the bar below is 128.
    assertThat(unsigned(pixels))
        .containsExactly(219, 36, 128, 128, 0, 0, 128, 128, 36, 219, 128, 128);
  }

  @Test
  void sameSizeStaysAsItIs() {
    BufferedImage picture = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    int[] rgb = {0x010203, 0x405060, 0xFFFEFD, 0x000000};
    picture.setRGB(0, 0, 2, 2, rgb, 0, 2);
    byte[] pixels = Letterbox.of(2, 2, 2).draw(picture).pixels();
    assertThat(unsigned(pixels))
        .containsExactly(1, 0x40, 0xFF, 0, 2, 0x50, 0xFE, 0, 3, 0x60, 0xFD, 0);
  }

  /** Doubled along a line: the centres of new pixels lie a quarter from old ones. */
  @Test
  void enlargesByInterpolation() {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(1, 0, 0x646464);
    byte[] pixels = Letterbox.of(2, 1, 4).draw(picture).pixels();
    assertThat(unsigned(pixels))
        .startsWith(128, 128, 128, 128, 0, 25, 75, 100, 0, 25, 75, 100, 128);
  }

  @Test
  void transparentPixelsLieOnWhite() {
    BufferedImage picture = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
    byte[] pixels = Letterbox.of(1, 1, 1).draw(picture).pixels();
    assertThat(unsigned(pixels)).containsExactly(255, 255, 255);
  }

  @Test
  void veryWidePictureKeepsARow() {
    BufferedImage picture = new BufferedImage(20_000, 3, BufferedImage.TYPE_BYTE_GRAY);
    byte[] pixels = Letterbox.of(20_000, 3, 64).draw(picture).pixels();
    int black = 0;
    for (byte pixel : pixels) {
      black += pixel == 0 ? 1 : 0;
    }
    assertThat(black).isEqualTo(3 * 64);
  }

  /** 320 x 240 in 160: half as large, 20 pixels down. */
  @Test
  void boxesGoThereAndBack() {
    Letterbox letterbox = Letterbox.of(320, 240, 160);
    BoundingBox box = new BoundingBox(1, 100, 60, 50, 40);
    assertThat(letterbox.toSquare(box)).isEqualTo(new BoundingBox(1, 50, 50, 25, 20));
    assertThat(letterbox.toPicture(letterbox.toSquare(box))).isEqualTo(box);
    assertThat(Letterbox.of(10, 20, 40).toSquare(new BoundingBox(0, 0, 0, 10, 20)))
        .isEqualTo(new BoundingBox(0, 10, 0, 20, 40));
  }

  private static int[] unsigned(byte[] bytes) {
    int[] numbers = new int[bytes.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = bytes[i] & 0xFF;
    }
    return numbers;
  }
}
