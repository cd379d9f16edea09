package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Gemm;
import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Tensor;

/** Matrix products by their definition. */
final class ScalarGemm extends Gemm {
  ScalarGemm(Backend backend) {
    super(backend);
  }

  @Override
  protected void compute(GemmSpec spec, Batch batch, Tensor a, Tensor b, Tensor bias, Tensor c) {
    for (int i = 0; i < batch.count(); i++) {
      product(
          spec,
          Values.of(a),
          Math.toIntExact(i * batch.a()),
          Values.of(b),
          Math.toIntExact(i * batch.b()),
          Values.of(bias),
          Values.of(c),
          Math.toIntExact(i * batch.c()));
    }
  }

  /**
   * One product of matrices that begin at the indices {@code fromA}, {@code fromB} and {@code
   * fromC}.
   */
  private static void product(
      GemmSpec spec, Values a, int fromA, Values b, int fromB, Values bias, Values c, int fromC) {
    // C[i,j] = f(alpha sum_p op(A)[i,p] op(B)[p,j] + beta C[i,j] + bias[j])
    for (int i = 0; i < spec.m(); i++) {
      for (int j = 0; j < spec.n(); j++) {
        double sum = 0;
        for (int p = 0; p < spec.k(); p++) {
          int atA = spec.transposeA() ? p * spec.lda() + i : i * spec.lda() + p;
          int atB = spec.transposeB() ? j * spec.ldb() + p : p * spec.ldb() + j;
          sum += a.get(fromA + atA) * b.get(fromB + atB);
        }
        int atC = fromC + i * spec.ldc() + j;
        double value = spec.alpha() * sum;
        if (spec.beta() != 0) {
          value += spec.beta() * c.get(atC);
        }
        if (bias != null) {
          value += bias.get(j);
        }
        c.set(atC, ScalarActivations.value(spec.activation(), value));
      }
    }
  }
}
