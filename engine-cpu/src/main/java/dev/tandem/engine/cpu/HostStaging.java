package dev.tandem.engine.cpu;

import dev.tandem.engine.DataType;
import dev.tandem.engine.StagingBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** A staging buffer on the Java heap. */
final class HostStaging implements StagingBuffer {
  private final DataType type;
  private final FloatBuffer floats;
  private final IntBuffer ints;

  HostStaging(DataType type, int length) {
    this.type = type;
    floats = type == DataType.FLOAT32 ? FloatBuffer.allocate(length) : null;
    ints = type == DataType.INT32 ? IntBuffer.allocate(length) : null;
  }

  @Override
  public DataType type() {
    return type;
  }

  @Override
  public FloatBuffer floats() {
    return there(floats);
  }

  @Override
  public IntBuffer ints() {
    return there(ints);
  }

  @Override
  public void close() {
    // The garbage collector frees the memory.
  }

  private <T> T there(T buffer) {
    if (buffer == null) {
      throw new IllegalStateException("this staging buffer holds " + type + " (ask for that)");
    }
    return buffer;
  }
}
