package dev.tandem.benchmarks;

import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Tensor;
import org.openjdk.jmh.annotations.Param;

/** Matrix products: squares, and those of the layers of an MLP, in their three directions. */
public class GemmBenchmark extends OperationBenchmark {
  /** Rows of C, columns of C, length of the sums; and which operand is transposed. */
  @Param({
    "32x32x32",
    "64x64x64",
    "128x128x128",
    "256x256x256",
    "512x512x512",
    "1024x1024x1024",
    "128x512x784xB",
    "128x784x512",
    "512x784x128xA",
    "128x10x256xB",
    "1x512x784xB"
  })
  public String shape;

  @Override
  Call prepare(Bench onBackend) {
    String[] parts = shape.split("x");
    int m = Integer.parseInt(parts[0]);
    int n = Integer.parseInt(parts[1]);
    int k = Integer.parseInt(parts[2]);
    String transposed = parts.length > 3 ? parts[3] : "";
    GemmSpec plain = GemmSpec.of(m, n, k);
    GemmSpec left = transposed.equals("A") ? plain.withTransposedA() : plain;
    GemmSpec spec = transposed.equals("B") ? left.withTransposedB() : left;
    Tensor a = spec.transposeA() ? onBackend.random(k, m) : onBackend.random(m, k);
    Tensor b = spec.transposeB() ? onBackend.random(n, k) : onBackend.random(k, n);
    Tensor c = onBackend.random(m, n);
    return new Call(() -> onBackend.backend().gemm().multiply(spec, a, b, null, c), c);
  }
}
