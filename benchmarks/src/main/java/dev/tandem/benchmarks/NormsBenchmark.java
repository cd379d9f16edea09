package dev.tandem.benchmarks;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Tensor;

/** Layer normalisation, forward. */
public class NormsBenchmark extends OperationBenchmark {

  @Override
  Call prepare(Bench onBackend) {
    Tensor x = onBackend.random(128, 512);
    Tensor gamma = onBackend.random(512);
    Tensor beta = onBackend.random(512);
    Tensor y = onBackend.random(128, 512);
    Tensor mean = onBackend.zeros(DataType.FLOAT32, 128);
    Tensor inverse = onBackend.zeros(DataType.FLOAT32, 128);
    return new Call(
        () -> onBackend.backend().norms().layerNorm(1e-5, x, gamma, beta, y, mean, inverse), y);
  }
}
