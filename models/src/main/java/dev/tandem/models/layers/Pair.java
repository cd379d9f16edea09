package dev.tandem.models.layers;

import java.util.List;

/**
 * A number for each side of a picture. Architecture files write one number where both are the same,
 * {@code [height, width]} where not.
 */
public record Pair(int height, int width) {
  /** 1 for both sides. */
  public static final Pair ONE = of(1);

  /** The same number for both sides. */
  public static Pair of(int both) {
    return new Pair(both, both);
  }

  /** Returns what an architecture file holds. */
  Object toJson() {
    return height == width ? Integer.valueOf(height) : List.of(height, width);
  }

  @Override
  public String toString() {
    return height == width ? Integer.toString(height) : "[" + height + "," + width + "]";
  }
}
