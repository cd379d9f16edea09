package dev.tandem.benchmarks;

import dev.tandem.engine.Dropout;
import dev.tandem.engine.Tensor;

/** Dropout of the outputs of a layer. */
public class DropoutBenchmark extends OperationBenchmark {

  @Override
  Call prepare(Bench onBackend) {
    Tensor state = onBackend.indices(1 << 30, Dropout.STATE_LENGTH);
    Tensor x = onBackend.random(128, 512);
    Tensor y = onBackend.random(128, 512);
    return new Call(() -> onBackend.backend().dropout().forward(0.5, 1, state, x, y), y);
  }
}
