package dev.tandem.benchmarks;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Tensor;
import org.openjdk.jmh.annotations.Param;

/** Activation functions of the outputs of a layer. */
public class ActivationsBenchmark extends OperationBenchmark {
  /** The function. */
  @Param({"RELU", "SIGMOID", "TANH", "GELU"})
  public Activation function;

  /** Whether its derivative is wanted. */
  @Param({"false", "true"})
  public boolean backward;

  @Override
  Call prepare(Bench onBackend) {
    Tensor x = onBackend.random(128, 512);
    Tensor dy = onBackend.random(128, 512);
    Tensor out = onBackend.random(128, 512);
    return new Call(
        () -> {
          if (backward) {
            onBackend.backend().activations().backward(function, x, dy, out);
          } else {
            onBackend.backend().activations().forward(function, x, out);
          }
        },
        out);
  }
}
