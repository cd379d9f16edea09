package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.ints;
import static dev.tandem.engine.cpu.HostStorage.length;
import static dev.tandem.engine.cpu.HostStorage.offset;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Embedding;
import dev.tandem.engine.Tensor;
import java.util.Arrays;

/** Table look-up. */
final class VectorEmbedding extends Embedding {
  private final Workers workers;
  private final GatherJob gatherJob = new GatherJob();
  private final ScatterJob scatterJob = new ScatterJob();

  VectorEmbedding(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
  }

  @Override
  protected void computeGather(Tensor indices, Tensor table, Tensor out) {
    gatherJob.indices = indices;
    gatherJob.table = table;
    gatherJob.out = out;
    gatherJob.chunks = Chunks.ofRows(length(indices), table.shape().dimension(1));
    workers.run(gatherJob, gatherJob.chunks);
  }

  @Override
  protected void computeScatterAdd(Tensor indices, int paddingIndex, Tensor dy, Tensor dtable) {
    scatterJob.indices = indices;
    scatterJob.paddingIndex = paddingIndex;
    scatterJob.dy = dy;
    scatterJob.dtable = dtable;
    scatterJob.chunks = Chunks.ofRows(dtable.shape().dimension(1), length(indices));
    workers.run(scatterJob, scatterJob.chunks);
  }

  private static final class GatherJob implements Workers.Task {
    private Tensor indices;
    private Tensor table;
    private Tensor out;
    private int chunks;

    @Override
    public void run(int chunk, int worker) {
      int vocabulary = table.shape().dimension(0);
      int columns = table.shape().dimension(1);
      int end = Chunks.row(chunk + 1, chunks, length(indices));
      for (int i = Chunks.row(chunk, chunks, length(indices)); i < end; i++) {
        int row = ints(indices)[offset(indices) + i];
        int to = offset(out) + i * columns;
        if (row >= 0 && row < vocabulary) {
          int from = offset(table) + row * columns;
          System.arraycopy(floats(table), from, floats(out), to, columns);
        } else {
          Arrays.fill(floats(out), to, to + columns, Float.NaN);
        }
      }
    }
  }

  /** A chunk is a range of columns, so that equal indices meet in one thread and in order. */
  private static final class ScatterJob implements Workers.Task {
    private Tensor indices;
    private int paddingIndex;
    private Tensor dy;
    private Tensor dtable;
    private int chunks;

    @Override
    public void run(int chunk, int worker) {
      int vocabulary = dtable.shape().dimension(0);
      int columns = dtable.shape().dimension(1);
      int start = Chunks.start(chunk, chunks, columns);
      int n = Chunks.start(chunk + 1, chunks, columns) - start;
      for (int i = 0; i < length(indices); i++) {
        int row = ints(indices)[offset(indices) + i];
        if (row != paddingIndex && row >= 0 && row < vocabulary) {
          int from = offset(dy) + i * columns + start;
          int to = offset(dtable) + row * columns + start;
          VectorElementwise.addRange(floats(dtable), to, floats(dy), from, floats(dtable), to, n);
        }
      }
    }
  }
}
