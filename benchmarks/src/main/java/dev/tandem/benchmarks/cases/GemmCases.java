package dev.tandem.benchmarks.cases;

import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Tensor;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Matrix products. */
public final class GemmCases {
  private GemmCases() {}

  /**
   * C = A B, or with operands transposed.
   *
   * @param shape rows of C, columns of C and length of the sums, then {@code xA}, {@code xB} or
   *     {@code xAB} if these operands are stored transposed: {@code 128x512x784xB}
   */
  public static OperationCase product(String shape) {
    int[] s = Sizes.parse(shape.replaceFirst("x(A|B|AB)$", ""), "rowsxcolumnsxinner");
    GemmSpec spec = GemmSpec.of(s[0], s[1], s[2]);
    if (shape.matches(".*xAB?")) {
      spec = spec.withTransposedA();
    }
    if (shape.endsWith("B")) {
      spec = spec.withTransposedB();
    }
    GemmSpec product = spec;
    return new OperationCase(
        Suite.OPS, "gemm " + shape, work(product), product, operands -> call(product, operands));
  }

  /**
   * Returns squares with all transposes, then the products of layers of the training steps: forward
   * (B transposed), the gradient of the input, and that of the weights (A transposed).
   */
  public static List<Case> all() {
    Set<String> shapes = new LinkedHashSet<>();
    for (int n : new int[] {32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048}) {
      for (String transposed : List.of("", "xA", "xB", "xAB")) {
        shapes.add("%dx%dx%d%s".formatted(n, n, n, transposed));
      }
    }
    for (int batch : new int[] {128, 32}) {
      layer(shapes, batch, 784, 512);
      layer(shapes, batch, 512, 256);
      layer(shapes, batch, 256, StepCase.CLASSES);
    }
    layer(shapes, 64, 3136, 128);
    layer(shapes, 64, 128, StepCase.CLASSES);
    for (int[] size : new int[][] {{32, 128}, {64, 256}, {1, 128}}) {
      for (int gates : new int[] {4, 3, 1}) {
        int batch = size[0];
        int rows = gates * size[1];
        layer(shapes, batch * CellCases.TIME, CellCases.INPUTS, rows);
        // The state: a product in each time step, its weights' gradient over all of them.
        layer(shapes, batch, size[1], rows);
        shapes.add("%dx%dx%dxA".formatted(rows, size[1], batch * CellCases.TIME));
      }
    }
    return shapes.stream().<Case>map(GemmCases::product).toList();
  }

  private static void layer(Set<String> shapes, int batch, int inputs, int units) {
    shapes.add("%dx%dx%dxB".formatted(batch, units, inputs));
    shapes.add("%dx%dx%d".formatted(batch, inputs, units));
    shapes.add("%dx%dx%dxA".formatted(units, inputs, batch));
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
