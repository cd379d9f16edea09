package dev.tandem.benchmarks.cases;

import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Tensor;
import java.util.List;

/** Matrix products. */
public final class GemmCases {
  private GemmCases() {}

  /**
   * C = A B, or with one operand transposed.
   *
   * @param shape rows of C, columns of C and length of the sums, then {@code xA} or {@code xB} if
   *     that operand is stored transposed: {@code 128x512x784xB}
   */
  public static OperationCase product(String shape) {
    boolean left = shape.endsWith("xA");
    boolean right = shape.endsWith("xB");
    String sizes = left || right ? shape.substring(0, shape.length() - 2) : shape;
    int[] s = Sizes.parse(sizes, "rowsxcolumnsxinner");
    GemmSpec plain = GemmSpec.of(s[0], s[1], s[2]);
    GemmSpec spec = left ? plain.withTransposedA() : right ? plain.withTransposedB() : plain;
    return new OperationCase(
        Suite.OPS, "gemm " + shape, work(spec), spec, operands -> call(spec, operands));
  }

  private static Work work(GemmSpec spec) {
    double m = spec.m();
    double n = spec.n();
    double k = spec.k();
    return Work.of(spec.flops(), m * k + k * n, m * n);
  }

  private static OperationCase.Call call(GemmSpec spec, Operands on) {
    int m = spec.m();
    int n = spec.n();
    int k = spec.k();
    Tensor a = spec.transposeA() ? on.random(k, m) : on.random(m, k);
    Tensor b = spec.transposeB() ? on.random(n, k) : on.random(k, n);
    Tensor c = on.random(m, n);
    return new OperationCase.Call(
        () -> on.backend().gemm().multiply(spec, a, b, null, c), () -> on.values(c), List.of(a, b));
  }
}
