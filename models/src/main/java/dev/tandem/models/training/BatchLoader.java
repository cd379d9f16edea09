package dev.tandem.models.training;

import dev.tandem.datasets.HostArray;
import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.StagingBuffer;
import dev.tandem.engine.Tensor;

/** Brings examples of one host array to the device, batch by batch, through one staging buffer. */
final class BatchLoader implements AutoCloseable {
  private final Backend backend;
  private final HostArray source;
  private final StagingBuffer staging;

  /**
   * Takes the staging buffer.
   *
   * @param source the examples
   * @param largestBatch the most examples that {@link #load} will be asked for
   */
  BatchLoader(Backend backend, HostArray source, int largestBatch) {
    this.backend = backend;
    this.source = source;
    staging =
        backend
            .transfers()
            .stage(
                source.isFloat() ? DataType.FLOAT32 : DataType.INT32,
                Math.multiplyExact(largestBatch, source.exampleLength()));
  }

  /** Uploads {@code order[from], ..., order[from + count - 1]} to a tensor of so many examples. */
  void load(int[] order, int from, int count, Tensor target) {
    if (source.isFloat()) {
      source.gather(order, from, count, staging.floats());
    } else {
      source.gather(order, from, count, staging.ints());
    }
    backend.transfers().upload(staging, target);
  }

  @Override
  public void close() {
    staging.close();
  }
}
