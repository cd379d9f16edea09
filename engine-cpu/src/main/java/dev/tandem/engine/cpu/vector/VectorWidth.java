package dev.tandem.engine.cpu.vector;

/**
 * The width of vectors that the user asked for by {@code -Dtandem.vectorBits}. Touches no class of
 * the Vector API.
 */
final class VectorWidth {
  /** Stands for the widest vectors that the processor has. */
  static final int PREFERRED = 0;

  static final String PROPERTY = "tandem.vectorBits";

  private VectorWidth() {}

  /** Returns 128, 256, 512 or {@link #PREFERRED}; the value was checked by {@link #isValid}. */
  static int requested() {
    String value = System.getProperty(PROPERTY);
    return value == null ? PREFERRED : Integer.parseInt(value);
  }

  /** Returns whether the property is absent or one of the widths. */
  static boolean isValid() {
    String value = System.getProperty(PROPERTY);
    return value == null || value.matches("128|256|512");
  }
}
