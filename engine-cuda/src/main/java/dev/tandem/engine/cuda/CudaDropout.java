package dev.tandem.engine.cuda;

import dev.tandem.engine.Dropout;
import dev.tandem.engine.Tensor;

/** Not written yet. */
final class CudaDropout extends Dropout {
  CudaDropout(CudaBackend backend) {
    super(backend);
  }

  @Override
  protected void compute(double rate, int stream, Tensor state, Tensor in, Tensor out) {
    throw new IllegalStateException("not written yet");
  }
}
