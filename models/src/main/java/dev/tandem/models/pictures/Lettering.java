package dev.tandem.models.pictures;

import java.text.Normalizer;

/**
 * Letters of dots, five wide and eight high with what hangs below the line. Letters with marks lose
 * the marks; what is not in ASCII then is a question mark. Narrow letters take less room.
 */
final class Lettering {
  /** The height of a line at size 1, in pixels. */
  static final int LINE = 8;

  /**
   * The printable characters of ASCII from space on: five columns each, the top dot the lowest bit.
   */
  private static final String[] COLUMNS =
      """
      0000000000 00005F0000 0007000700 147F147F14 242A7F2A12 2313086462 3649552250 0005030000
      001C224100 0041221C00 082A1C2A08 08083E0808 00A0600000 0808080808 0060600000 2010080402
      3E5149453E 00427F4000 4261514946 2141454B31 1814127F10 2745454539 3C4A494930 0171090503
      3649494936 064949291E 0036360000 0056360000 0814224100 1414141414 0041221408 0201510906
      324979413E 7E1111117E 7F49494936 3E41414122 7F4141221C 7F49494941 7F09090901 3E4149497A
      7F0808087F 00417F4100 2040413F01 7F08142241 7F40404040 7F020C027F 7F0408107F 3E4141413E
      7F09090906 3E4151215E 7F09192946 4649494931 01017F0101 3F4040403F 1F2040201F 3F4038403F
      6314081463 0708700807 6151494543 007F414100 0204081020 0041417F00 0402010204 4040404040
      0001020400 2054545478 7F48444438 3844444420 384444487F 3854545418 087E090102 18A4A4A47C
      7F08040478 00447D4000 4080847D00 7F10284400 00417F4000 7C04180478 7C08040478 3844444438
      FC24242418 18242418FC 7C08040408 4854545420 043F444020 3C4040207C 1C2040201C 3C4030403C
      4428102844 1CA0A0A07C 4464544C44 0008364100 00007F0000 0041360800 0804081008
      """
          .split("\\s+");

  private static final char FIRST = ' ';
  private static final int SPACE = 3;

  /** Takes the dots of a text. */
  interface Pen {
    void dot(int x, int y);
  }

  private Lettering() {}

  /** The width of a text in pixels. */
  static int width(String text, int size) {
    return draw(text, size, (x, y) -> {});
  }

  /** The beginning of a text that is no wider than some pixels, with dots if something is cut. */
  static String fitting(String text, int size, int pixels) {
    String fitting = text;
    int kept = text.length();
    while (kept > 0 && width(fitting, size) > pixels) {
      kept--;
      fitting = text.substring(0, kept).stripTrailing() + "..";
    }
    return fitting;
  }

  /** Draws a text from (0, 0) and returns its width; every dot is a square of size pixels. */
  static int draw(String text, int size, Pen pen) {
    int left = 0;
    String plain = Normalizer.normalize(text, Normalizer.Form.NFD).replaceAll("\\p{M}", "");
    for (int letter : plain.codePoints().toArray()) {
      left += size * (drawLetter(letter, left, size, pen) + 1);
    }
    return Math.max(0, left - size);
  }

  private static int drawLetter(int letter, int left, int size, Pen pen) {
    if (letter == FIRST) {
      return SPACE;
    }
    boolean known = letter > FIRST && letter < FIRST + COLUMNS.length;
    String columns = COLUMNS[(known ? letter : '?') - FIRST];
    int width = 0;
    for (int i = 0; i < columns.length(); i += 2) {
      int dots = Integer.parseInt(columns, i, i + 2, 16);
      if (dots != 0 || width > 0 && i < 8 && !columns.substring(i).matches("0*")) {
        drawColumn(dots, left + width * size, size, pen);
        width++;
      }
    }
    return width;
  }

  private static void drawColumn(int dots, int left, int size, Pen pen) {
    for (int row = 0; row < LINE; row++) {
      for (int i = 0; (dots >> row & 1) == 1 && i < size * size; i++) {
        pen.dot(left + i % size, row * size + i / size);
      }
    }
  }
}
