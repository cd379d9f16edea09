package dev.tandem.engine;

/**
 * The checks of operands, in one place so that messages are the same on every backend. None
 * allocates unless it fails.
 */
final class Checks {
  private Checks() {}

  /** Checks that a floating-point operand is there, open and of this family's backend. */
  static void floating(OperationFamily family, String operation, String role, Tensor tensor) {
    usable(family, operation, role, tensor);
    if (!tensor.type().isFloating()) {
      throw type(operation, role, tensor, "a floating-point type");
    }
  }

  /** Checks that an integer operand is there, open and of this family's backend. */
  static void integer(OperationFamily family, String operation, String role, Tensor tensor) {
    usable(family, operation, role, tensor);
    if (tensor.type() != DataType.INT32) {
      throw type(operation, role, tensor, "INT32");
    }
  }

  /** Checks that an operand is there, open and of this family's backend. */
  static void usable(OperationFamily family, String operation, String role, Tensor tensor) {
    if (tensor == null) {
      throw new IllegalArgumentException(
          "%s: '%s' is missing (give a tensor)".formatted(operation, role));
    }
    if (tensor.storage().owner() != family.backend()) {
      throw new IllegalArgumentException(
          "%s: '%s' is %s of backend '%s', not of backend '%s' (allocate it there)"
              .formatted(
                  operation,
                  role,
                  tensor,
                  tensor.storage().owner().info().id(),
                  family.backend().info().id()));
    }
    if (tensor.storage().isClosed()) {
      throw new IllegalStateException(
          "%s: '%s' is %s, whose arena was closed (keep the arena open while its tensors are used)"
              .formatted(operation, role, tensor));
    }
  }

  /** Checks that an operand has the type of another. */
  static void sameType(String operation, String role, Tensor tensor, Tensor like) {
    if (tensor.type() != like.type()) {
      throw type(operation, role, tensor, like.type() + " like " + like);
    }
  }

  /** Checks that a floating-point operand has the type of another and a number of elements. */
  static void floating(
      OperationFamily family,
      String operation,
      String role,
      Tensor tensor,
      Tensor like,
      long elements) {
    floating(family, operation, role, tensor);
    sameType(operation, role, tensor, like);
    elements(operation, role, tensor, elements);
  }

  /** Checks the number of elements. */
  static void elements(String operation, String role, Tensor tensor, long expected) {
    if (tensor.elements() != expected) {
      throw new IllegalArgumentException(
          "%s: '%s' is %s with %d elements, expected %d"
              .formatted(operation, role, tensor, tensor.elements(), expected));
    }
  }

  /** Checks that a matrix of rows with a leading dimension ends inside its tensor. */
  static void matrix(
      String operation, String role, Tensor tensor, int rows, int columns, int leading, long at) {
    if (leading < columns) {
      throw new IllegalArgumentException(
          "%s: the leading dimension of '%s' is %d, less than its %d columns"
              .formatted(operation, role, leading, columns));
    }
    long end = rows == 0 || columns == 0 ? 0 : at + (rows - 1L) * leading + columns;
    if (end > tensor.elements()) {
      throw new IllegalArgumentException(
          "%s: '%s' is %s with %d elements, but a %d x %d matrix with leading dimension %d ends at %d"
              .formatted(operation, role, tensor, tensor.elements(), rows, columns, leading, end));
    }
  }

  /** Checks that an output shares no element with an input. */
  static void disjoint(String operation, String role, Tensor output, Tensor input) {
    if (input != null && output.overlaps(input)) {
      throw new IllegalArgumentException(
          "%s: '%s' is %s, which overlaps the input %s (give it memory of its own)"
              .formatted(operation, role, output, input));
    }
  }

  /** Checks that an output is the very range of an input or shares no element with it. */
  static void sameOrDisjoint(String operation, String role, Tensor output, Tensor input) {
    if (!output.sameRange(input)) {
      disjoint(operation, role, output, input);
    }
  }

  /** Checks a number that must lie in a range. */
  static void range(String operation, String name, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw new IllegalArgumentException(
          "%s: %s is %s (give a number from %s to %s)"
              .formatted(operation, name, value, low, high));
    }
  }

  private static IllegalArgumentException type(
      String operation, String role, Tensor tensor, String expected) {
    return new IllegalArgumentException(
        "%s: '%s' is %s, expected %s".formatted(operation, role, tensor, expected));
  }
}
