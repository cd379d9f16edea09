package dev.tandem.benchmarks;

import dev.tandem.engine.Tensor;
import org.openjdk.jmh.annotations.Param;

/** Softmax over classes. */
public class SoftmaxBenchmark extends OperationBenchmark {
  /** The number of classes. */
  @Param({"10", "1000"})
  public int classes;

  @Override
  Call prepare(Bench onBackend) {
    Tensor x = onBackend.random(128, classes);
    Tensor y = onBackend.random(128, classes);
    return new Call(() -> onBackend.backend().softmax().softmax(x, y), y);
  }
}
