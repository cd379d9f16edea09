package dev.tandem.engine;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Host memory from which a backend uploads fastest (page-locked on a GPU). Filled by index;
 * position and limit of the buffers are not used.
 */
public interface StagingBuffer extends AutoCloseable {
  /** Returns the type of the elements: FLOAT32 or INT32. */
  DataType type();

  /**
   * Returns the memory of a FLOAT32 buffer, always the same object; throws {@link
   * IllegalStateException} otherwise.
   */
  FloatBuffer floats();

  /**
   * Returns the memory of an INT32 buffer, always the same object; throws {@link
   * IllegalStateException} otherwise.
   */
  IntBuffer ints();

  /**
   * Returns whether the device copies from this buffer by itself while the host works on: then it
   * is worth while to fill buffers ahead, by another thread.
   */
  default boolean prefetches() {
    return false;
  }

  /**
   * Says that the first elements are what will be uploaded next, so that a device can begin to copy
   * them while it still computes. They may not be changed before {@link #awaitUploaded}. A thread
   * other than the backend's may call this if it hands the buffer over by a lock.
   *
   * @param length the number of elements, at least as many as will be uploaded
   */
  default void prefetch(int length) {
    // There is nothing to copy ahead of the upload.
  }

  /**
   * Waits until what was uploaded from this buffer has been read, so that it may be changed. A
   * thread other than the backend's may call this, as with {@link #prefetch}.
   */
  default void awaitUploaded() {
    // An upload has read the buffer when it returns.
  }

  /** Frees the memory; the buffers must not be touched afterwards. */
  @Override
  void close();
}
