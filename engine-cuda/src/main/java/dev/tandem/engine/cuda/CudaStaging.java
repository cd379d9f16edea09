package dev.tandem.engine.cuda;

import dev.tandem.engine.DataType;
import dev.tandem.engine.StagingBuffer;
import dev.tandem.engine.cuda.jcuda.CudaContext;
import dev.tandem.engine.cuda.jcuda.StagingMemory;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** A staging buffer in page-locked memory, from which the device copies by itself. */
final class CudaStaging implements StagingBuffer {
  private final DataType type;
  private final StagingMemory memory;
  private final FloatBuffer floats;
  private final IntBuffer ints;

  CudaStaging(CudaContext context, DataType type, int length) {
    this.type = type;
    memory = new StagingMemory(context, (long) length * type.bytes());
    floats = type == DataType.FLOAT32 ? memory.floats() : null;
    ints = type == DataType.INT32 ? memory.ints() : null;
  }

  StagingMemory memory() {
    return memory;
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
  public boolean prefetches() {
    return true;
  }

  @Override
  public void prefetch(int length) {
    if (length > 0) {
      memory.prefetch((long) length * type.bytes());
    }
  }

  @Override
  public void awaitUploaded() {
    memory.awaitCopied();
  }

  @Override
  public void close() {
    memory.close();
  }

  private <T> T there(T buffer) {
    if (buffer == null) {
      throw new IllegalStateException("this staging buffer holds " + type + " (ask for that)");
    }
    return buffer;
  }
}
