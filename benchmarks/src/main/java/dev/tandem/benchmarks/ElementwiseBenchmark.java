package dev.tandem.benchmarks;

import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Elementwise.Binary;
import dev.tandem.engine.Tensor;
import org.openjdk.jmh.annotations.Param;

/** Sums and products of the outputs of a layer. */
public class ElementwiseBenchmark extends OperationBenchmark {
  /** How the second operand is repeated. */
  @Param({"SAME", "ROW"})
  public Broadcast broadcast;

  /** What is done. */
  @Param({"ADD", "MULTIPLY"})
  public Binary operation;

  @Override
  Call prepare(Bench onBackend) {
    Tensor x = onBackend.random(128, 512);
    Tensor y = broadcast == Broadcast.ROW ? onBackend.random(512) : onBackend.random(128, 512);
    Tensor out = onBackend.random(128, 512);
    return new Call(
        () -> onBackend.backend().elementwise().binary(operation, x, y, broadcast, out), out);
  }
}
