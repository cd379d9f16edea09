package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PictureTest {
  private static Picture grey(int height, int width, int... values) {
    byte[] pixels = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      pixels[i] = (byte) values[i];
    }
    return new Picture(1, height, width, pixels);
  }

  private static int[] values(Picture picture) {
    return PixelDataset.unsigned(picture.pixels());
  }

  @Test
  void shrinksByAveragingAreas() {
    Picture picture = grey(2, 4, 0, 10, 20, 250, 20, 30, 40, 250);
    assertThat(values(picture.fitted(1, 2))).containsExactly(15, 140);
    // Three columns to two: each takes one and a half.
    assertThat(values(grey(3, 3, 0, 90, 255, 0, 90, 255, 0, 90, 255).fitted(2, 2)))
        .containsExactly(30, 200, 30, 200);
  }

  @Test
  void growsBilinearlyBetweenTheCentresOfPixels() {
    // The centres of four pixels lie at -1/4, 1/4, 3/4 and 5/4 of the two.
    assertThat(values(grey(2, 2, 0, 100, 0, 100).fitted(4, 4)))
        .containsExactly(0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100);
  }

  @Test
  void keepsTheShapeCentresAndRepeatsTheEdge() {
    assertThat(values(grey(1, 3, 1, 2, 3).fitted(3, 3))).containsExactly(1, 2, 3, 1, 2, 3, 1, 2, 3);
    assertThat(values(grey(3, 1, 1, 2, 3).fitted(3, 4)))
        .containsExactly(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    assertThat(values(grey(1, 1, 200).fitted(2, 3))).containsOnly(200);
    assertThat(values(grey(1, 1000, new int[1000]).fitted(2, 2))).containsOnly(0);
  }

  @Test
  void scalesEachChannelByItself() {
    Picture colour = new Picture(3, 1, 2, new byte[] {10, 20, 30, 40, 50, 60});
    assertThat(values(colour.fitted(1, 1))).containsExactly(15, 35, 55);
  }

  @Test
  void changesItsChannels() {
    Picture colour = new Picture(3, 1, 1, new byte[] {100, (byte) 200, 50});
    // 0.299 * 100 + 0.587 * 200 + 0.114 * 50 = 153.
    assertThat(values(colour.withChannels(1))).containsExactly(153);
    assertThat(values(grey(1, 2, 7, 8).withChannels(3))).containsExactly(7, 8, 7, 8, 7, 8);
    assertThat(values(new Picture(3, 1, 1, new byte[] {-1, -1, -1}).withChannels(1)))
        .containsExactly(255);
  }
}
