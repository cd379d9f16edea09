package dev.tandem.datasets.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.datasets.Picture;
import org.junit.jupiter.api.Test;

class LetterboxTest {
  /** 4 x 2 pixels in a square of 2: half as large, 2 x 1, in the upper row of the middle. */
  @Test
  void shrinksAndCentres() {
    byte[] colours = new byte[3 * 8];
    for (int i = 0; i < 8; i++) {
      colours[(i % 4 < 2 ? 0 : 16) + i] = (byte) 255;
    }
    Picture picture = new Picture(3, 2, 4, colours);
    byte[] pixels = new Letterbox(4, 2, 2).draw(picture).pixels();
    // The bar below is 128.
    assertThat(unsigned(pixels))
        .containsExactly(255, 0, 128, 128, 0, 0, 128, 128, 0, 255, 128, 128);
  }

  @Test
  void sameSizeStaysAsItIs() {
    byte[] colours = {1, 0x40, (byte) 0xFF, 0, 2, 0x50, (byte) 0xFE, 0, 3, 0x60, (byte) 0xFD, 0};
    Picture picture = new Picture(3, 2, 2, colours);
    byte[] pixels = new Letterbox(2, 2, 2).draw(picture).pixels();
    assertThat(unsigned(pixels))
        .containsExactly(1, 0x40, 0xFF, 0, 2, 0x50, 0xFE, 0, 3, 0x60, 0xFD, 0);
  }

  /** Doubled along a line: the centres of new pixels lie a quarter from old ones. */
  @Test
  void enlargesByInterpolation() {
    Picture picture = new Picture(1, 1, 2, new byte[] {0, 0x64});
    byte[] pixels = new Letterbox(2, 1, 4).draw(picture).pixels();
    assertThat(unsigned(pixels))
        .startsWith(128, 128, 128, 128, 0, 25, 75, 100, 0, 25, 75, 100, 128);
  }

  @Test
  void veryWidePictureKeepsARow() {
    Picture picture = new Picture(1, 3, 20_000, new byte[60_000]);
    byte[] pixels = new Letterbox(20_000, 3, 64).draw(picture).pixels();
    int black = 0;
    for (byte pixel : pixels) {
      black += pixel == 0 ? 1 : 0;
    }
    assertThat(black).isEqualTo(3 * 64);
  }

  /** 320 x 240 in 160: half as large, 20 pixels down. */
  @Test
  void boxesGoThereAndBack() {
    Letterbox letterbox = new Letterbox(320, 240, 160);
    BoundingBox box = new BoundingBox(1, 100, 60, 50, 40);
    assertThat(letterbox.toSquare(box)).isEqualTo(new BoundingBox(1, 50, 50, 25, 20));
    assertThat(letterbox.toPicture(letterbox.toSquare(box))).isEqualTo(box);
    assertThat(new Letterbox(10, 20, 40).toSquare(new BoundingBox(0, 0, 0, 10, 20)))
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
