package dev.tandem.benchmarks;

import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Tensor;
import org.openjdk.jmh.annotations.Param;

/** Matrix products: squares, and those of the layers of an MLP, in their three directions. */
public class GemmBenchmark extends OperationBenchmark {
  /** Rows of C, columns of C, length of the sums; a and b for a transposed operand. */
  @Param({
    "32,32,32",
    "64,64,64",
    "128,128,128",
    "256,256,256",
    "512,512,512",
    "1024,1024,1024",
    "128,512,784,b",
    "128,784,512",
    "512,784,128,a",
    "128,10,256,b",
    "1,512,784,b"
  })
  public String shape;

  @Override
  Call prepare(Bench onBackend) {
    String[] parts = shape.split(",");
    int m = Integer.parseInt(parts[0]);
    int n = Integer.parseInt(parts[1]);
    int k = Integer.parseInt(parts[2]);
    String transposed = parts.length > 3 ? parts[3] : "";
    GemmSpec plain = GemmSpec.of(m, n, k);
    GemmSpec left = transposed.contains("a") ? plain.withTransposedA() : plain;
    GemmSpec spec = transposed.contains("b") ? left.withTransposedB() : left;
    Tensor a = spec.transposeA() ? onBackend.random(k, m) : onBackend.random(m, k);
    Tensor b = spec.transposeB() ? onBackend.random(n, k) : onBackend.random(k, n);
    Tensor c = onBackend.random(m, n);
    return new Call(() -> onBackend.backend().gemm().multiply(spec, a, b, null, c), c);
  }
}
