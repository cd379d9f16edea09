package dev.tandem.engine.conformance;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.Arrays;

/** An operand of a {@link Call}: what it holds before and what it must hold after. */
final class Operand {
  private final String role;
  private final DataType type;
  private final Shape shape;
  private final double[] before;
  private Bounded[] after;
  private boolean optional;
  private boolean defining;
  private boolean ofAnyType;
  private boolean scratch;
  private Tensor tensor;

  /**
   * Describes an operand.
   *
   * @param role what error messages call it
   * @param before its elements before the call, rounded to the type
   * @param after its elements after the call; null for an input
   */
  Operand(String role, DataType type, Shape shape, double[] before, Bounded[] after) {
    if (before.length != shape.elements() || after != null && after.length != before.length) {
      throw new IllegalArgumentException(
          "operand '%s' of shape %s has %d values".formatted(role, shape, before.length));
    }
    this.role = role;
    this.type = type;
    this.shape = shape;
    this.before = type == DataType.FLOAT32 ? rounded(before) : before;
    this.after = after;
  }

  private static double[] rounded(double[] values) {
    return Arrays.stream(values).map(value -> (float) value).toArray();
  }

  /** Puts known results in the place of computed ones, see {@link Oracle#anchored}. */
  void anchor(double... known) {
    after = Oracle.anchored(after, known);
  }

  /** Says that null may be given for it. */
  Operand optional() {
    optional = true;
    return this;
  }

  /** Says that the others are measured by it, or that the family's test checks its size. */
  Operand defining() {
    defining = true;
    return this;
  }

  /** Says that every type is taken, so that no other is wrong by itself. */
  Operand ofAnyType() {
    ofAnyType = true;
    return this;
  }

  /** Says that it may hold anything after the call. */
  Operand scratch() {
    scratch = true;
    return this;
  }

  String role() {
    return role;
  }

  DataType type() {
    return type;
  }

  Shape shape() {
    return shape;
  }

  int elements() {
    return before.length;
  }

  double[] before() {
    return before;
  }

  Bounded[] after() {
    return after;
  }

  boolean isInput() {
    return after == null;
  }

  /** Returns whether it is written and not read. */
  boolean isOverwritten() {
    return !isInput() && Arrays.stream(before).allMatch(Double::isNaN);
  }

  boolean isOptional() {
    return optional;
  }

  boolean isDefining() {
    return defining;
  }

  boolean isOfAnyType() {
    return ofAnyType;
  }

  boolean isScratch() {
    return scratch;
  }

  /** Returns the tensor of the binding in force. */
  Tensor tensor() {
    return tensor;
  }

  void use(Tensor other) {
    tensor = other;
  }

  @Override
  public String toString() {
    return role + shape;
  }
}
