package dev.tandem.models.pictures;

/** Numbers as colours. */
public enum ColorMap {
  /** From black to white. */
  GREY(0x000000, 0xFFFFFF),

  /**
   * From dark blue over green to yellow, with steps that look equally large and that people who
   * confuse red and green see too (van der Walt and Smith's viridis, Matplotlib's default).
   */
  VIRIDIS(0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C, 0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725),

  /** From blue over near white, the middle, to red (Brewer's RdBu). */
  DIVERGING(
      0x2166AC, 0x4393C3, 0x92C5DE, 0xD1E5F0, 0xF7F7F7, 0xFDDBC7, 0xF4A582, 0xD6604D, 0xB2182B);

  /** What stands for NaN: in none of the maps. */
  static final int NOT_A_NUMBER = 0xFF00FF;

  private final int[] anchors;

  ColorMap(int... anchors) {
    this.anchors = anchors;
  }

  /**
   * The colour of a number, {@code 0xRRGGBB}.
   *
   * @param value from 0 to 1; what lies beyond has the colour of the nearer end, NaN is magenta
   */
  public int rgb(double value) {
    if (Double.isNaN(value)) {
      return NOT_A_NUMBER;
    }
    double at = Math.clamp(value, 0, 1) * (anchors.length - 1);
    int from = Math.min((int) at, anchors.length - 2);
    return Canvas.mix(anchors[from], anchors[from + 1], at - from);
  }
}
