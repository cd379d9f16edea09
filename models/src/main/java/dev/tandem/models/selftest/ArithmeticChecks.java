package dev.tandem.models.selftest;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Elementwise;
import dev.tandem.engine.Gemm;
import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Reductions;
import dev.tandem.engine.Replayable;
import dev.tandem.engine.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Memory, replay, products, element by element, sums. */
final class ArithmeticChecks {
  /** Around the lanes of a vector, a warp and a block, and more than a grid's worth of blocks. */
  private static final List<Integer> SIZES = List.of(1, 7, 32, 257, 70_001);

  private ArithmeticChecks() {}

  static Map<String, List<Check>> families() {
    Map<String, List<Check>> families = new LinkedHashMap<>();
    families.put("memory", memory());
    families.put("gemm", gemm());
    families.put("elementwise", elementwise());
    families.put("reductions", reductions());
    return families;
  }

  private static List<Check> memory() {
    List<Check> checks = new ArrayList<>();
    for (int size : SIZES) {
      checks.add(
          new Check(
              "copy and fill " + size,
              0,
              bench -> {
                Tensor x = bench.compared(bench.random(size));
                bench.backend().transfers().copy(x, bench.result(size));
                bench.backend().transfers().fill(bench.result(size), 0.25);
                bench.backend().transfers().zero(bench.result(size));
              }));
    }
    checks.add(new Check("capture and replay", 8, ArithmeticChecks::replay));
    return checks;
  }

  /** Three replays that build on each other, of a step that reads what the host changes between. */
  private static void replay(Bench bench) {
    Tensor x = bench.random(32, 16);
    Tensor w = bench.random(16, 16);
    Tensor y = bench.result(32, 16);
    Tensor sum = bench.compared(bench.random(32, 16));
    Replayable step =
        bench
            .backend()
            .capture(
                () -> {
                  bench.backend().gemm().multiply(GemmSpec.of(32, 16, 16), x, w, null, y);
                  bench.backend().elementwise().axpy(0.5, y, sum);
                });
    for (int i = 0; i < 3; i++) {
      bench.backend().transfers().upload(bench.numbers(x.elements()), 0, x);
      step.replay();
    }
    bench.backend().synchronize();
  }

  private static List<Check> gemm() {
    List<Check> checks = new ArrayList<>();
    int[][] sizes = {{1, 1, 1}, {3, 5, 7}, {64, 48, 32}, {33, 130, 65}, {128, 128, 300}};
    for (int[] size : sizes) {
      GemmSpec spec = GemmSpec.of(size[0], size[1], size[2]);
      checks.add(product("a b", spec, Activation.IDENTITY));
      checks.add(product("a' b", spec.withTransposedA(), Activation.RELU));
      checks.add(product("a b'", spec.withTransposedB(), Activation.TANH));
      checks.add(product("a' b'", spec.withTransposedA().withTransposedB(), Activation.GELU));
      checks.add(product("c + a b", spec.accumulating(), Activation.IDENTITY));
      checks.add(batched(spec));
    }
    return checks;
  }

  private static Check product(String name, GemmSpec spec, Activation activation) {
    return new Check(
        "%s %dx%dx%d %s".formatted(name, spec.m(), spec.n(), spec.k(), activation),
        spec.k(),
        bench ->
            bench
                .backend()
                .gemm()
                .multiply(
                    spec.withActivation(activation),
                    bench.random(spec.m() * spec.k()),
                    bench.random(spec.k() * spec.n()),
                    bench.random(spec.n()),
                    bench.compared(bench.random(spec.m() * spec.n()))));
  }

  private static Check batched(GemmSpec spec) {
    int a = spec.m() * spec.k();
    int b = spec.k() * spec.n();
    int c = spec.m() * spec.n();
    return new Check(
        "batched %dx%dx%d".formatted(spec.m(), spec.n(), spec.k()),
        spec.k(),
        bench ->
            bench
                .backend()
                .gemm()
                .multiplyBatched(
                    spec,
                    new Gemm.Batch(3, a, b, c),
                    bench.random(3 * a),
                    bench.random(3 * b),
                    null,
                    bench.result(3 * c)));
  }

  private static List<Check> elementwise() {
    List<Check> checks = new ArrayList<>();
    for (Elementwise.Binary operation : Elementwise.Binary.values()) {
      for (int size : SIZES) {
        checks.add(binary(operation, Broadcast.SAME, new int[] {size}, size));
        checks.add(binary(operation, Broadcast.SCALAR, new int[] {size}, 1));
        checks.add(binary(operation, Broadcast.ROW, new int[] {3, size}, size));
      }
      checks.add(binary(operation, Broadcast.CHANNEL, new int[] {2, 5, 3, 3}, 5));
    }
    for (int size : SIZES) {
      checks.add(
          new Check(
              "scale, axpy, multiplyAdd, clamp " + size,
              3,
              bench -> {
                Elementwise family = bench.backend().elementwise();
                Tensor x = bench.random(size);
                family.scale(0.3f, x, bench.result(size));
                family.axpy(-0.7f, x, bench.compared(bench.random(size)));
                family.multiplyAdd(x, bench.random(size), bench.random(size), bench.result(size));
                family.clamp(-0.25, 0.5, x, bench.result(size));
              }));
      checks.add(
          new Check(
              "transpose2d, swapAxes " + size,
              0,
              bench -> {
                Elementwise family = bench.backend().elementwise();
                family.transpose2d(bench.random(3, size), bench.result(size, 3));
                family.swapAxes(bench.random(2, 3, size), bench.result(3, 2, size));
              }));
    }
    return checks;
  }

  private static Check binary(
      Elementwise.Binary operation, Broadcast broadcast, int[] shape, int other) {
    return new Check(
        "%s %s %s".formatted(operation, broadcast, Arrays.toString(shape)),
        1,
        bench ->
            bench
                .backend()
                .elementwise()
                .binary(
                    operation,
                    bench.random(shape),
                    bench.positive(other),
                    broadcast,
                    bench.result(shape)));
  }

  private static List<Check> reductions() {
    List<Check> checks = new ArrayList<>();
    for (int[] size : new int[][] {{1, 1}, {3, 7}, {64, 32}, {5, 1025}, {700, 33}}) {
      int rows = size[0];
      int columns = size[1];
      for (Reductions.Axis axis : Reductions.Axis.values()) {
        int length =
            switch (axis) {
              case ALL -> 1;
              case ROWS -> columns;
              case COLUMNS -> rows;
            };
        checks.add(
            new Check(
                "sum, mean, max %s %dx%d".formatted(axis, rows, columns),
                rows * columns / length,
                bench -> {
                  Reductions family = bench.backend().reductions();
                  Tensor x = bench.random(rows, columns);
                  family.sum(x, axis, false, bench.result(length));
                  family.sum(x, axis, true, bench.compared(bench.random(length)));
                  family.mean(x, axis, bench.result(length));
                  family.max(x, axis, bench.result(length));
                }));
      }
      checks.add(
          new Check(
              "argmax, sumOfSquares, dot, countNonFinite %dx%d".formatted(rows, columns),
              rows * columns,
              bench -> {
                Reductions family = bench.backend().reductions();
                Tensor x = bench.random(rows, columns);
                family.argmax(x, bench.integerResult(rows));
                family.sumOfSquares(x, bench.result(1));
                family.dot(x, bench.random(rows, columns), bench.result(1));
                double[] numbers = bench.numbers(x.elements());
                numbers[numbers.length / 2] = Double.POSITIVE_INFINITY;
                numbers[0] = Double.NaN;
                family.countNonFinite(bench.given(numbers, rows, columns), bench.integerResult(1));
              }));
    }
    return checks;
  }
}
