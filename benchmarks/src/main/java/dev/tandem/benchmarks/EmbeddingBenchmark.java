package dev.tandem.benchmarks;

import dev.tandem.engine.Tensor;

/** Look-up of the tokens of a batch of sentences. */
public class EmbeddingBenchmark extends OperationBenchmark {

  @Override
  Call prepare(Bench onBackend) {
    Tensor indices = onBackend.indices(10_000, 32, 50);
    Tensor table = onBackend.random(10_000, 64);
    Tensor out = onBackend.random(32, 50, 64);
    return new Call(() -> onBackend.backend().embedding().gather(indices, table, out), out);
  }
}
