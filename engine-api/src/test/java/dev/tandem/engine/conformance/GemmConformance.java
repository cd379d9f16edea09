package dev.tandem.engine.conformance;

import dev.tandem.engine.Activation;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Gemm;
import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Shape;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Gemm} must do. */
abstract class GemmConformance extends FamilyConformance {
  /** What lies in C between N and the leading dimension, and must stay there. */
  private static final double GAP = 77;

  GemmConformance() {
    super(Gemm.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    Stream<Call> products =
        transposes(GemmSpec.of(5, 7, 3))
            .map(spec -> product(type, spec.withFactors(0.7, -0.3), true));
    Stream<Call> activated =
        Arrays.stream(Activation.values())
            .map(f -> product(type, GemmSpec.of(4, 19, 6).withActivation(f), true));
    Gemm.Batch batch = new Gemm.Batch(3, 15, 21, 35);
    return Stream.of(
            products,
            activated,
            Stream.of(
                product(type, GemmSpec.of(5, 7, 3), false),
                batched(type, GemmSpec.of(5, 7, 3), batch, true)))
        .flatMap(calls -> calls);
  }

  @ParameterizedTest
  @MethodSource("types")
  void workedExample(DataType type) {
    Call call = new Call("multiply", "gemm", type);
    Operand a = call.input("a", Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    Operand b = call.input("b", Shape.of(3, 2), 7, 8, 9, 10, 11, 12);
    Operand bias = call.input("bias", Shape.of(2), 1, -200);
    Operand c = call.output("c", Shape.of(2, 2), call.tolerance().exact(59, 0, 140, 0));
    GemmSpec spec = GemmSpec.of(2, 2, 3).withActivation(Activation.RELU);
    check(call.of(x -> x.gemm().multiply(spec, a.tensor(), b.tensor(), bias.tensor(), c.tensor())));
  }

  /** Every transpose of sizes around lane counts, tiles and blocks, skinny ones among them. */
  Stream<Arguments> sizes() {
    int[][] sizes = {
      {1, 1, 1},
      {1, 17, 33},
      {1, 257, 129},
      {17, 1, 33},
      {129, 1, 257},
      {9, 13, 1},
      {31, 67, 1},
      {2, 3, 5},
      {4, 8, 16},
      {5, 9, 17},
      {6, 16, 8},
      {7, 15, 31},
      {8, 31, 7},
      {12, 33, 61},
      {13, 29, 101},
      {15, 35, 3},
      {16, 61, 32},
      {17, 64, 67},
      {3, 129, 300},
      {130, 5, 131},
      {1, 1, 1031},
      {64, 64, 64},
      {65, 63, 66},
      {127, 97, 113}
    };
    return types()
        .flatMap(
            type ->
                Arrays.stream(sizes)
                    .flatMap(s -> transposes(GemmSpec.of(s[0], s[1], s[2])))
                    .map(spec -> Arguments.of(type, spec)));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void everySizeAndTranspose(DataType type, GemmSpec spec) {
    check(product(type, spec, false));
    check(product(type, spec.withFactors(-1.25, 0.3), true));
    check(product(type, spec.accumulating(), false));
    check(exactProduct(type, padded(spec)));
  }

  @Test
  void largeSizes() {
    transposes(GemmSpec.of(211, 193, 307))
        .forEach(spec -> check(exactProduct(DataType.FLOAT32, padded(spec))));
    check(product(DataType.FLOAT32, GemmSpec.of(3, 401, 1021), false));
  }

  @ParameterizedTest
  @MethodSource("types")
  void leadingDimensionsLeaveGapsAlone(DataType type) {
    transposes(GemmSpec.of(13, 19, 11))
        .forEach(
            spec ->
                check(
                    product(
                        type,
                        padded(spec).withFactors(0.5, 2).withActivation(Activation.TANH),
                        true)));
  }

  @ParameterizedTest
  @MethodSource("types")
  void sumsOfNoTermsLeaveBetaCAndBias(DataType type) {
    check(product(type, GemmSpec.of(5, 17, 0), true));
    check(product(type, GemmSpec.of(5, 17, 0), false));
    check(
        product(
            type, GemmSpec.of(5, 17, 0).withFactors(2, 0.5).withActivation(Activation.RELU), true));
  }

  @ParameterizedTest
  @MethodSource("types")
  void nothingToDo(DataType type) {
    check(product(type, GemmSpec.of(0, 7, 3), true));
    check(product(type, GemmSpec.of(7, 0, 3), true));
    check(batched(type, GemmSpec.of(2, 3, 4), new Gemm.Batch(0, 8, 12, 6), false));
  }

  @ParameterizedTest
  @MethodSource("types")
  void batches(DataType type) {
    GemmSpec spec = GemmSpec.of(5, 17, 9);
    transposes(spec)
        .forEach(each -> check(batched(type, each, new Gemm.Batch(4, 45, 153, 85), true)));
    check(batched(type, spec, new Gemm.Batch(4, 0, 153, 85), false));
    check(batched(type, spec, new Gemm.Batch(4, 45, 0, 85), false));
    check(batched(type, spec, new Gemm.Batch(4, 0, 0, 85), true));
    check(batched(type, spec.withFactors(0.5, 1), new Gemm.Batch(3, 47, 160, 90), true));
    check(
        batched(
            type, GemmSpec.of(33, 16, 65), new Gemm.Batch(17, 33 * 65, 65 * 16, 33 * 16), false));
    check(batched(type, GemmSpec.of(1, 8, 8), new Gemm.Batch(101, 8, 64, 8), false));
  }

  @ParameterizedTest
  @MethodSource("types")
  void notANumberSpreadsAsFarAsItIsUsed(DataType type) {
    int m = 9;
    int n = 33;
    int k = 21;
    Numbers numbers = new Numbers(5);
    double[] a = numbers.integers(m * k);
    double[] b = numbers.integers(k * n);
    a[3 * k + 20] = Double.NaN;
    b[7 * n + 32] = Double.POSITIVE_INFINITY;
    a[5 * k + 7] = 0;
    check(product(type, GemmSpec.of(m, n, k), a, b, null, null));
  }

  @ParameterizedTest
  @MethodSource("types")
  void hugeAndTinyNumbers(DataType type) {
    Numbers numbers = new Numbers(6);
    double[] a = numbers.uniform(17 * 9);
    double[] b = numbers.uniform(9 * 19);
    Arrays.setAll(a, i -> a[i] * (i % 2 == 0 ? 0x1p60 : 0x1p-70));
    Arrays.setAll(b, i -> b[i] * (i % 3 == 0 ? 0x1p60 : 0x1p-70));
    check(product(type, GemmSpec.of(17, 19, 9), a, b, null, null));
  }

  Stream<Arguments> golden() {
    return typesAndGolden("linear");
  }

  /** A linear layer: {@code y = x W^T + b, dx = dy W, dW = dy^T x}. */
  @ParameterizedTest
  @MethodSource("golden")
  void agreesWithPyTorch(DataType type, Golden golden) {
    double[] x = golden.doubles("x");
    double[] weight = golden.doubles("weight");
    double[] dy = golden.doubles("dy");
    int batch = golden.shape("x").rows();
    int in = golden.shape("x").columns();
    int out = golden.shape("y").columns();
    GemmSpec forward = GemmSpec.of(batch, out, in).withTransposedB();
    Call y = product(type, forward, x, weight, golden.doubles("bias"), null);
    check(y.anchor("c", golden.doubles("y")));
    Call dx = product(type, GemmSpec.of(batch, in, out), dy, weight, null, null);
    check(dx.anchor("c", golden.doubles("dx")));
    GemmSpec outer = GemmSpec.of(out, in, batch).withTransposedA();
    Call dweight = product(type, outer, dy, x, null, null);
    check(dweight.anchor("c", golden.doubles("dweight")));
  }

  @Test
  void refusesMatricesThatDoNotFit() {
    Call call = product(DataType.FLOAT32, GemmSpec.of(5, 7, 3), true);
    bound(
        call,
        () -> {
          var a = call.operands().get(0).tensor();
          var b = call.operands().get(1).tensor();
          var bias = call.operands().get(2).tensor();
          var c = call.operands().get(3).tensor();
          Gemm gemm = backend().gemm();
          refuses(
              () -> gemm.multiply(GemmSpec.of(5, 7, 4), a, b, bias, c),
              "gemm: 'a' is a[5,3] FLOAT32 with 15 elements, but a 5 x 4 matrix with leading dimension 4 ends at 20");
          refuses(
              () -> gemm.multiply(GemmSpec.of(5, 7, 3).withLeading(2, 7, 7), a, b, bias, c),
              "gemm: the leading dimension of 'a' is 2, less than its 3 columns");
          refuses(
              () -> gemm.multiply(GemmSpec.of(5, 7, 3).withLeading(3, 7, 8), a, b, bias, c),
              "gemm: 'c' is c[5,7] FLOAT32 with 35 elements, but a 5 x 7 matrix with leading dimension 8 ends at 39");
          refuses(
              () -> gemm.multiply(GemmSpec.of(5, 6, 3), a, b, bias, c),
              "gemm: 'bias' is bias[7] FLOAT32 with 7 elements, expected 6");
          refuses(
              () ->
                  gemm.multiplyBatched(
                      GemmSpec.of(1, 7, 3), new Gemm.Batch(2, 3, 0, 6), a, b, bias, c),
              "gemm: matrices c of 1 x 7 with leading dimension 7 overlap at stride 6");
          refuses(() -> GemmSpec.of(-1, 7, 3), "gemm: sizes m=-1 n=7 k=3 (give 0 or more)");
          refuses(
              () -> new Gemm.Batch(2, 0, 0, -1),
              "gemm: batch of 2 with strides a=0 b=0 c=-1 (give 0 or more)");
        });
  }

  private static Stream<GemmSpec> transposes(GemmSpec spec) {
    return Stream.of(
        spec,
        spec.withTransposedA(),
        spec.withTransposedB(),
        spec.withTransposedA().withTransposedB());
  }

  private static GemmSpec padded(GemmSpec spec) {
    return spec.withLeading(spec.lda() + 5, spec.ldb() + 3, spec.ldc() + 11);
  }

  private static Call product(DataType type, GemmSpec spec, boolean withBias) {
    return batched(type, spec, Gemm.Batch.ONE, withBias).as("multiply");
  }

  /** A product of whole numbers, in which no element can be missed or misplaced unseen. */
  private static Call exactProduct(DataType type, GemmSpec spec) {
    Numbers numbers = new Numbers(spec.flops());
    double[] bias = numbers.integers(spec.n());
    return product(
        type,
        spec.withFactors(-2, 3),
        numbers.integers(stored(spec.transposeA() ? spec.k() : spec.m(), spec.lda())),
        numbers.integers(stored(spec.transposeB() ? spec.n() : spec.k(), spec.ldb())),
        bias,
        numbers.integers(stored(spec.m(), spec.ldc())));
  }

  private static Call product(
      DataType type, GemmSpec spec, double[] a, double[] b, double[] bias, double[] c) {
    return batched(type, spec, Gemm.Batch.ONE, a, b, bias, c).as("multiply");
  }

  private static Call batched(DataType type, GemmSpec spec, Gemm.Batch batch, boolean withBias) {
    Numbers numbers = new Numbers(spec.flops());
    int last = Math.max(0, batch.count() - 1);
    int lengthA = stored(spec.transposeA() ? spec.k() : spec.m(), spec.lda());
    int lengthB = stored(spec.transposeB() ? spec.n() : spec.k(), spec.ldb());
    int lengthC = stored(spec.m(), spec.ldc());
    return batched(
        type,
        spec,
        batch,
        numbers.uniform((int) (last * batch.a()) + lengthA),
        numbers.uniform((int) (last * batch.b()) + lengthB),
        withBias ? numbers.uniform(spec.n()) : null,
        spec.beta() == 0 ? null : numbers.uniform((int) (last * batch.c()) + lengthC));
  }

  private static int stored(int rows, int leading) {
    return rows * leading;
  }

  /** Describes products; c null stands for NaN, which a beta of 0 must not read. */
  private static Call batched(
      DataType type,
      GemmSpec spec,
      Gemm.Batch batch,
      double[] a,
      double[] b,
      double[] bias,
      double[] c) {
    Call call = new Call("multiplyBatched", "gemm", type);
    Tolerance t = call.tolerance();
    int last = Math.max(0, batch.count() - 1);
    double[] before =
        c == null ? new double[(int) (last * batch.c()) + stored(spec.m(), spec.ldc())] : c.clone();
    Bounded[] after = new Bounded[before.length];
    if (c == null) {
      Arrays.fill(before, Double.NaN);
    }
    boolean[] written = new boolean[before.length];
    for (int i = 0; i < batch.count(); i++) {
      for (int row = 0; row < spec.m(); row++) {
        for (int column = 0; column < spec.n(); column++) {
          int at = (int) (i * batch.c()) + row * spec.ldc() + column;
          written[at] = true;
          after[at] =
              element(
                  spec,
                  a,
                  (int) (i * batch.a()),
                  b,
                  (int) (i * batch.b()),
                  row,
                  column,
                  bias,
                  before[at],
                  t);
        }
      }
    }
    for (int at = 0; at < before.length; at++) {
      if (!written[at]) {
        before[at] = GAP;
        after[at] = t.exact(GAP);
      }
    }
    Shape shapeC =
        spec.ldc() * spec.m() == before.length
            ? Shape.of(spec.m(), spec.ldc())
            : Shape.of(before.length);
    Operand first =
        call.input("a", shape(spec.transposeA() ? spec.k() : spec.m(), spec.lda(), a), a)
            .defining();
    Operand second =
        call.input("b", shape(spec.transposeB() ? spec.n() : spec.k(), spec.ldb(), b), b)
            .defining();
    Operand third = bias == null ? null : call.input("bias", Shape.of(spec.n()), bias).optional();
    Operand result = call.updated("c", shapeC, before, after).defining();
    return call.of(
        x -> {
          var biasTensor = third == null ? null : third.tensor();
          if (batch == Gemm.Batch.ONE) {
            x.gemm().multiply(spec, first.tensor(), second.tensor(), biasTensor, result.tensor());
          } else {
            x.gemm()
                .multiplyBatched(
                    spec, batch, first.tensor(), second.tensor(), biasTensor, result.tensor());
          }
        });
  }

  private static Shape shape(int rows, int leading, double[] values) {
    return rows * leading == values.length ? Shape.of(rows, leading) : Shape.of(values.length);
  }

  /** {@code f(alpha sum_p op(A)[row,p] op(B)[p,column] + beta C + bias[column])}. */
  private static Bounded element(
      GemmSpec spec,
      double[] a,
      int fromA,
      double[] b,
      int fromB,
      int row,
      int column,
      double[] bias,
      double before,
      Tolerance t) {
    int startA = fromA + (spec.transposeA() ? row : row * spec.lda());
    int stepA = spec.transposeA() ? spec.lda() : 1;
    int startB = fromB + (spec.transposeB() ? column * spec.ldb() : column);
    int stepB = spec.transposeB() ? 1 : spec.ldb();
    Bounded product = t.dot(spec.k(), p -> a[startA + p * stepA], p -> b[startB + p * stepB]);
    Bounded value = t.rounded(spec.alpha()).times(product);
    if (spec.beta() != 0) {
      value = value.plus(t.rounded(spec.beta()).times(before));
    }
    if (bias != null) {
      value = value.plus(bias[column]);
    }
    return Oracle.activation(spec.activation(), value);
  }
}
