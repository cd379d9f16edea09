package dev.tandem.engine;

/**
 * Copies between host and device, copies on the device, and fills.
 *
 * <p>Uploads have taken what they need from the host's memory when they return, except those from a
 * {@link StagingBuffer}, which may be changed only after {@link StagingBuffer#awaitUploaded}.
 * Downloads return when the values are there.
 */
public abstract class Transfers extends OperationFamily {
  /** Makes the family of a backend. */
  protected Transfers(Backend backend) {
    super(backend);
  }

  /**
   * Copies floats to a tensor.
   *
   * @param source the values, from index {@code from} on
   * @param target FLOAT32 or FLOAT64 (widened), overwritten as a whole
   */
  public final void upload(float[] source, int from, Tensor target) {
    Checks.floating(this, "upload", "target", target);
    hostRange("upload", source.length, from, target);
    computeUpload(source, from, target);
  }

  /**
   * Copies doubles to a tensor.
   *
   * @param source the values, from index {@code from} on
   * @param target FLOAT64 or FLOAT32 (rounded to nearest), overwritten as a whole
   */
  public final void upload(double[] source, int from, Tensor target) {
    Checks.floating(this, "upload", "target", target);
    hostRange("upload", source.length, from, target);
    computeUpload(source, from, target);
  }

  /**
   * Copies integers to a tensor.
   *
   * @param source the values, from index {@code from} on
   * @param target INT32, overwritten as a whole
   */
  public final void upload(int[] source, int from, Tensor target) {
    Checks.integer(this, "upload", "target", target);
    hostRange("upload", source.length, from, target);
    computeUpload(source, from, target);
  }

  /**
   * Copies the first elements of a staging buffer to a tensor, on a GPU while it computes.
   *
   * @param source the values from index 0 on
   * @param target overwritten as a whole; INT32 from ints, FLOAT32 or FLOAT64 from floats
   */
  public final void upload(StagingBuffer source, Tensor target) {
    long length;
    if (source.type() == DataType.INT32) {
      Checks.integer(this, "upload", "target", target);
      length = source.ints().capacity();
    } else {
      Checks.floating(this, "upload", "target", target);
      length = source.floats().capacity();
    }
    hostRange("upload", length, 0, target);
    computeUpload(source, target);
  }

  /**
   * Copies a tensor to floats and waits for it.
   *
   * @param source FLOAT32, or FLOAT64 (rounded to nearest), read
   * @param target overwritten from index {@code from} on
   */
  public final void download(Tensor source, float[] target, int from) {
    Checks.floating(this, "download", "source", source);
    hostRange("download", target.length, from, source);
    computeDownload(source, target, from);
  }

  /**
   * Copies a tensor to doubles and waits for it.
   *
   * @param source FLOAT64, or FLOAT32 (widened), read
   * @param target overwritten from index {@code from} on
   */
  public final void download(Tensor source, double[] target, int from) {
    Checks.floating(this, "download", "source", source);
    hostRange("download", target.length, from, source);
    computeDownload(source, target, from);
  }

  /**
   * Copies a tensor to integers and waits for it.
   *
   * @param source INT32, read
   * @param target overwritten from index {@code from} on
   */
  public final void download(Tensor source, int[] target, int from) {
    Checks.integer(this, "download", "source", source);
    hostRange("download", target.length, from, source);
    computeDownload(source, target, from);
  }

  /**
   * Copies elements on the device.
   *
   * @param source any shape, read
   * @param target as many elements of the same type, overwritten
   */
  public final void copy(Tensor source, Tensor target) {
    Checks.usable(this, "copy", "source", source);
    Checks.usable(this, "copy", "target", target);
    Checks.sameType("copy", "target", target, source);
    Checks.elements("copy", "target", target, source.elements());
    Checks.sameOrDisjoint("copy", "target", target, source);
    computeCopy(source, target);
  }

  /**
   * Sets every element.
   *
   * @param target overwritten; for INT32 the value is rounded towards zero
   */
  public final void fill(Tensor target, double value) {
    Checks.usable(this, "fill", "target", target);
    computeFill(target, value);
  }

  /** Sets every element to 0. */
  public final void zero(Tensor target) {
    fill(target, 0);
  }

  /**
   * Takes host memory for uploads, and on a GPU as much on the device, where it lands ahead of its
   * turn. The caller closes it.
   *
   * @param type FLOAT32 or INT32
   * @param length the number of elements
   */
  public final StagingBuffer stage(DataType type, int length) {
    if (type == DataType.FLOAT64 || length < 0) {
      throw new IllegalArgumentException(
          "stage: %d elements of %s (give 0 or more of FLOAT32 or INT32)".formatted(length, type));
    }
    return createStage(type, length);
  }

  private static void hostRange(String name, long length, int from, Tensor tensor) {
    if (from < 0 || from + tensor.elements() > length) {
      throw new IllegalArgumentException(
          "%s: %s has %d elements, but the host has %d from index %d"
              .formatted(name, tensor, tensor.elements(), length - from, from));
    }
  }

  /** Uploads on checked operands. */
  protected abstract void computeUpload(float[] source, int from, Tensor target);

  /** Uploads on checked operands. */
  protected abstract void computeUpload(double[] source, int from, Tensor target);

  /** Uploads on checked operands. */
  protected abstract void computeUpload(int[] source, int from, Tensor target);

  /** Uploads on checked operands. */
  protected abstract void computeUpload(StagingBuffer source, Tensor target);

  /** Downloads on checked operands. */
  protected abstract void computeDownload(Tensor source, float[] target, int from);

  /** Downloads on checked operands. */
  protected abstract void computeDownload(Tensor source, double[] target, int from);

  /** Downloads on checked operands. */
  protected abstract void computeDownload(Tensor source, int[] target, int from);

  /** Copies on checked operands. */
  protected abstract void computeCopy(Tensor source, Tensor target);

  /** Fills a checked operand. */
  protected abstract void computeFill(Tensor target, double value);

  /** Makes a staging buffer of a checked type and length. */
  protected abstract StagingBuffer createStage(DataType type, int length);
}
