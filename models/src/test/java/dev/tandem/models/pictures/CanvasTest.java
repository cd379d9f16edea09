package dev.tandem.models.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

class CanvasTest {
  @Test
  void pictureOfOneChannelIsGreyAndOfThreeIsColoured() {
    Canvas grey = Canvas.ofPicture(new float[] {0, 0.5f, 1, 0.2f}, 1, 2, 2);
    assertThat(new int[] {grey.pixel(0, 0), grey.pixel(1, 0), grey.pixel(0, 1), grey.pixel(1, 1)})
        .containsExactly(0x000000, 0x808080, 0xFFFFFF, 0x333333);
    Canvas coloured = Canvas.ofPicture(new float[] {1, 0, 0, 1, 0.2f, 0}, 3, 1, 2);
    assertThat(coloured.pixel(0, 0)).isEqualTo(0xFF0033);
    assertThat(coloured.pixel(1, 0)).isEqualTo(0x00FF00);
  }

  @Test
  void standardisedPictureIsStretched() {
    Canvas picture = Canvas.ofPicture(new float[] {-2, 2}, 1, 1, 2);
    assertThat(picture.pixel(0, 0)).isEqualTo(0x000000);
    assertThat(picture.pixel(1, 0)).isEqualTo(0xFFFFFF);
    assertThat(Canvas.ofPicture(new float[] {7, 7}, 1, 1, 2).pixel(0, 0)).isEqualTo(0x000000);
  }

  @Test
  void drawingOutsideIsCut() {
    Canvas canvas = new Canvas(3, 2, 0xFFFFFF);
    canvas.fill(-5, 1, 7, 10, 0x123456);
    canvas.set(3, 0, 0);
    canvas.set(0, -1, 0);
    canvas.draw(new Canvas(4, 4, 0), -3, -3);
    assertThat(dots(canvas, 0xFFFFFF)).isEqualTo(".##\n..#");
    assertThat(dots(canvas, 0x123456)).isEqualTo("...\n##.");
  }

  @Test
  void frameIsInsideItsSides() {
    Canvas canvas = new Canvas(6, 5, 0);
    canvas.frame(1, 1, 4, 3, 1, 1);
    assertThat(dots(canvas, 1)).isEqualTo("......\n.####.\n.#..#.\n.####.\n......");
  }

  @Test
  void letters() {
    Canvas canvas = new Canvas(11, 8, 0);
    canvas.text("Ai", 0, 0, 1, 1);
    assertThat(dots(canvas, 1))
        .isEqualTo(
            """
            .###...#...
            #...#......
            #...#.##...
            #...#..#...
            #####..#...
            #...#..#...
            #...#.###..
            ...........""");
  }

  @Test
  void lettersUpwards() {
    Canvas canvas = new Canvas(8, 5, 0);
    canvas.textUpwards("L", 0, 4, 1, 1);
    assertThat(dots(canvas, 1)).isEqualTo("......#.\n......#.\n......#.\n......#.\n#######.");
  }

  @Test
  void textOfAnyLanguageHasAWidth() {
    assertThat(Lettering.width("é", 1)).isEqualTo(Lettering.width("e", 1));
    assertThat(Lettering.width("中\n", 2)).isEqualTo(Lettering.width("??", 2));
    assertThat(Lettering.width("", 2)).isZero();
    assertThat(Lettering.fitting("Platelets", 2, 1000)).isEqualTo("Platelets");
    // P, l, a and two dots are 5, 3, 5, 2, 2 wide with 1 between.
    assertThat(Lettering.fitting("Platelets", 2, 42)).isEqualTo("Pla..");
  }

  @Test
  void colourMapsRunFromEndToEnd() {
    assertThat(ColorMap.GREY.rgb(0.5)).isEqualTo(0x808080);
    assertThat(ColorMap.VIRIDIS.rgb(-1)).isEqualTo(0x440154);
    assertThat(ColorMap.VIRIDIS.rgb(2)).isEqualTo(0xFDE725);
    assertThat(ColorMap.DIVERGING.rgb(0.5)).isEqualTo(0xF7F7F7);
    assertThat(ColorMap.DIVERGING.rgb(Double.NaN)).isEqualTo(0xFF00FF);
  }

  @Test
  void refusesImpossibleSizes() {
    assertThatThrownBy(() -> new Canvas(0, 5, 0))
        .hasMessageStartingWith("a canvas of 0 x 5 pixels is not possible");
    assertThatThrownBy(() -> new Canvas(1 << 20, 1 << 20, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Canvas.ofPicture(new float[5], 1, 2, 2))
        .hasMessage("5 pixels do not fill a picture [1,2,2]");
  }

  private static String dots(Canvas canvas, int rgb) {
    StringJoiner lines = new StringJoiner("\n");
    for (int y = 0; y < canvas.height(); y++) {
      StringBuilder line = new StringBuilder();
      for (int x = 0; x < canvas.width(); x++) {
        line.append(canvas.pixel(x, y) == rgb ? '#' : '.');
      }
      lines.add(line);
    }
    return lines.toString();
  }
}
