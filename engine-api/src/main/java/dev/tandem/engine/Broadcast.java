package dev.tandem.engine;

/** How the second operand of {@link Elementwise} is repeated to the shape of the first. */
public enum Broadcast {
  /** Not at all: y has as many elements as x. */
  SAME,
  /** y has one element. */
  SCALAR,
  /** {@code x [...,N], y [N]}: y is added to every row. */
  ROW,
  /** {@code x [N,C,...], y [C]}: one element for each channel. */
  CHANNEL
}
