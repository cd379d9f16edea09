package dev.tandem.datasets.detection;

/**
 * A box around a thing in a picture, in pixels of the picture; the left edge of the leftmost pixel
 * is 0, so that a box over the whole picture has its width and height.
 *
 * @param classId what the thing is, from 0
 * @param left finite
 * @param top finite, downwards
 * @param width 0 or more
 * @param height 0 or more
 */
public record BoundingBox(int classId, double left, double top, double width, double height) {
  public BoundingBox {
    boolean finite = Double.isFinite(left + top + width + height);
    if (classId < 0 || !finite || width < 0 || height < 0) {
      throw new IllegalArgumentException(
          "class %d, left %s, top %s, width %s, height %s is no box (give finite numbers, none negative but left and top)"
              .formatted(classId, left, top, width, height));
    }
  }

  public double right() {
    return left + width;
  }

  public double bottom() {
    return top + height;
  }

  /** In square pixels. */
  public double area() {
    return width * height;
  }

  /**
   * The area that two boxes share over the area that they cover together, from 0 to 1; the classes
   * do not matter. Boxes without area share nothing.
   */
  public double intersectionOverUnion(BoundingBox other) {
    double sharedWidth = Math.min(right(), other.right()) - Math.max(left, other.left);
    double sharedHeight = Math.min(bottom(), other.bottom()) - Math.max(top, other.top);
    if (sharedWidth <= 0 || sharedHeight <= 0) {
      return 0;
    }
    double shared = sharedWidth * sharedHeight;
    return shared / (area() + other.area() - shared);
  }
}
