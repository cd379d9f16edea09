package dev.tandem.engine;

/**
 * One block of memory of one backend, in which tensors lie. Backends extend it by what they need to
 * reach the memory (an array, a device address). A storage belongs to its arena and is closed by it
 * alone.
 */
public abstract class Storage {
  private final Backend owner;
  private final DataType type;
  private final long length;
  private volatile boolean closed;

  /**
   * Describes a block.
   *
   * @param owner the backend whose operations may touch it
   * @param type the type of every element
   * @param length the number of elements
   */
  protected Storage(Backend owner, DataType type, long length) {
    this.owner = owner;
    this.type = type;
    this.length = length;
  }

  /** Returns the backend whose operations may touch this memory. */
  public final Backend owner() {
    return owner;
  }

  /** Returns the element type. */
  public final DataType type() {
    return type;
  }

  /** Returns the number of elements. */
  public final long length() {
    return length;
  }

  /**
   * Returns whether the arena was closed; every operation on a tensor in here throws from then on.
   */
  public final boolean isClosed() {
    return closed;
  }

  /** Marks the memory as gone; subclasses free it and call this. */
  protected void close() {
    closed = true;
  }
}
