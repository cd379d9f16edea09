package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;

import dev.tandem.engine.Dropout;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Kernel;

/** Inverted dropout. */
final class CudaDropout extends Dropout {
  /** The words of one block of random numbers, which a thread draws and uses. */
  private static final int WORDS = 4;

  private final Kernel dropout;

  CudaDropout(CudaBackend backend) {
    super(backend);
    dropout = backend.kernels().module("dropout").kernel("dropout");
  }

  @Override
  protected void compute(double rate, int stream, Tensor state, Tensor in, Tensor out) {
    dropout
        .index(in.elements())
        .integer(threshold(rate))
        .number(1 / (1 - rate))
        .integer(stream)
        .address(address(state))
        .address(address(in))
        .address(address(out))
        .launchOver(RowBlocks.parts(in.elements(), WORDS));
  }
}
