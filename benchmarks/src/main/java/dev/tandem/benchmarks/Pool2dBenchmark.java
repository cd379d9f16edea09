package dev.tandem.benchmarks;

import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.Tensor;
import org.openjdk.jmh.annotations.Param;

/** Pooling of the layers of networks for pictures. */
public class Pool2dBenchmark extends OperationBenchmark {
  /** Batch, channels, height = width, kernel, stride, padding. */
  @Param({"64x32x28x2x2x0", "64x64x14x2x2x0", "64x32x32x3x2x1", "64x128x8x8x1x0"})
  public String shape;

  /** What becomes of a window. */
  @Param({"MAX", "AVERAGE"})
  public String mode;

  /** What is computed. */
  @Param({"forward", "backward"})
  public String direction;

  @Override
  Call prepare(Bench onBackend) {
    String[] parts = shape.split("x");
    int[] s = new int[parts.length];
    for (int i = 0; i < s.length; i++) {
      s[i] = Integer.parseInt(parts[i]);
    }
    Pool2dSpec spec =
        Pool2dSpec.of(Pool2dSpec.Mode.valueOf(mode), s[0], s[1], s[2], s[2], s[3], s[4], s[5]);
    Tensor x = onBackend.random(spec.input().toArray());
    Tensor y = onBackend.random(spec.output().toArray());
    Tensor dy = onBackend.random(spec.output().toArray());
    Tensor dx = onBackend.random(spec.input().toArray());
    onBackend.backend().pool2d().forward(spec, x, y);
    return direction.equals("forward")
        ? new Call(() -> onBackend.backend().pool2d().forward(spec, x, y), y)
        : new Call(() -> onBackend.backend().pool2d().backward(spec, x, y, dy, dx), dx);
  }
}
