package dev.tandem.engine;

/**
 * A dense row-major view of a range of a {@link Storage}. It owns nothing: the {@link TensorArena}
 * does, and closing that makes every operation on its tensors throw. Making a view costs a small
 * object, so views are made when memory is bound, never within a step.
 */
public final class Tensor {
  private final String name;
  private final Storage storage;
  private final long offset;
  private final Shape shape;

  /**
   * Makes a view.
   *
   * @param name what errors call it, for example {@code fc1.weight}
   * @param storage the memory
   * @param offset the index of the first element
   * @param shape the extents
   */
  public Tensor(String name, Storage storage, long offset, Shape shape) {
    if (offset < 0 || offset + shape.elements() > storage.length()) {
      throw new IllegalArgumentException(
          "tensor '%s' of shape %s at offset %d does not fit its memory of %d elements"
              .formatted(name, shape, offset, storage.length()));
    }
    this.name = name;
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
  }

  /** Returns what errors call this tensor. */
  public String name() {
    return name;
  }

  /** Returns the memory in which the elements lie. */
  public Storage storage() {
    return storage;
  }

  /** Returns the index of the first element in the storage. */
  public long offset() {
    return offset;
  }

  /** Returns the extents. */
  public Shape shape() {
    return shape;
  }

  /** Returns the element type. */
  public DataType type() {
    return storage.type();
  }

  /** Returns the number of elements. */
  public long elements() {
    return shape.elements();
  }

  /** Returns a view of the same elements with other extents of the same product. */
  public Tensor reshape(Shape other) {
    if (other.elements() != shape.elements()) {
      throw new IllegalArgumentException(
          "tensor '%s' of shape %s cannot be viewed as %s: %d elements are not %d"
              .formatted(name, shape, other, shape.elements(), other.elements()));
    }
    return new Tensor(name, storage, offset, other);
  }

  /**
   * Returns a view of some of the elements.
   *
   * @param viewName what errors call the view
   * @param start the index of its first element, from this tensor's first
   * @param viewShape its extents
   */
  public Tensor view(String viewName, long start, Shape viewShape) {
    if (start < 0 || start + viewShape.elements() > shape.elements()) {
      throw new IllegalArgumentException(
          "view '%s' of shape %s at %d does not fit tensor '%s' of shape %s"
              .formatted(viewName, viewShape, start, name, shape));
    }
    return new Tensor(viewName, storage, offset + start, viewShape);
  }

  /** Returns whether any element of this tensor is an element of the other. */
  public boolean overlaps(Tensor other) {
    return storage == other.storage
        && offset < other.offset + other.elements()
        && other.offset < offset + elements();
  }

  /** Returns whether both tensors are the same range of the same memory. */
  public boolean sameRange(Tensor other) {
    return storage == other.storage && offset == other.offset && elements() == other.elements();
  }

  @Override
  public String toString() {
    return name + shape + " " + type();
  }
}
