package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.length;
import static dev.tandem.engine.cpu.HostStorage.offset;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cpu.HostTransfers;
import java.util.Arrays;

/**
 * Copies between Java arrays. Fills are shared out like the operations that use the same memory
 * next: cores that share no cache would otherwise hand all of it over (docs/performance.md).
 */
final class VectorTransfers extends HostTransfers {
  private final Workers workers;
  private final FillJob fillJob = new FillJob();

  VectorTransfers(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
  }

  @Override
  protected void computeFill(Tensor target, double value) {
    if (target.type() == DataType.FLOAT32) {
      fillJob.run(workers, target, (float) value);
    } else {
      super.computeFill(target, value);
    }
  }

  private static final class FillJob implements Workers.Task {
    private Tensor target;
    private float value;
    private int chunks;

    void run(Workers workers, Tensor filled, float with) {
      target = filled;
      value = with;
      chunks = Chunks.count(length(filled));
      Chunks.runCheap(workers, this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
      int start = Chunks.start(chunk, chunks, length(target));
      int end = Chunks.start(chunk + 1, chunks, length(target));
      Arrays.fill(floats(target), offset(target) + start, offset(target) + end, value);
    }
  }
}
