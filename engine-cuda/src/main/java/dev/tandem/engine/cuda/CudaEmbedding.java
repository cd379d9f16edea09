package dev.tandem.engine.cuda;

import dev.tandem.engine.Embedding;
import dev.tandem.engine.Tensor;

/** Not written yet. */
final class CudaEmbedding extends Embedding {
  CudaEmbedding(CudaBackend backend) {
    super(backend);
  }

  @Override
  protected void computeGather(Tensor indices, Tensor table, Tensor out) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeScatterAdd(Tensor indices, int paddingIndex, Tensor dy, Tensor dtable) {
    throw new IllegalStateException("not written yet");
  }
}
