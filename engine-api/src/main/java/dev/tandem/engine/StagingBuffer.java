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

  /** Frees the memory; the buffers must not be touched afterwards. */
  @Override
  void close();
}
