package dev.tandem.engine.conformance;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Embedding;
import dev.tandem.engine.Shape;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Embedding} must do. */
abstract class EmbeddingConformance extends FamilyConformance {
  private static final int NONE = Embedding.NO_PADDING;

  EmbeddingConformance() {
    super(Embedding.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    int[] indices = {4, 0, 0, 3, 6, 0};
    return Stream.of(gather(type, 7, 5, indices), scatterAdd(type, 7, 5, 3, indices));
  }

  @ParameterizedTest
  @MethodSource("types")
  void workedExample(DataType type) {
    Call call = new Call("scatterAdd", "embedding backward", type);
    Operand indices = call.indices("indices", Shape.of(2, 2), 1, 2, 1, 0);
    Operand dy = call.input("dy", Shape.of(2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8);
    Bounded[] sums = call.tolerance().exact(100, 100, 106, 108, 103, 104);
    double[] hundreds = {100, 100, 100, 100, 100, 100};
    Operand dtable = call.updated("dtable", Shape.of(3, 2), hundreds, sums);
    check(
        call.of(b -> b.embedding().scatterAdd(indices.tensor(), 0, dy.tensor(), dtable.tensor())));
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everyWidth(DataType type, int size) {
    int rows = size == Numbers.LARGE ? 2 : 13;
    int[] indices = new Numbers(size).indices(rows, 7);
    check(gather(type, 7, size, indices));
    check(scatterAdd(type, 7, size, NONE, indices));
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everyNumberOfIndices(DataType type, int size) {
    int[] indices = new Numbers(size).indices(size, 101);
    check(gather(type, 101, 3, indices));
    check(scatterAdd(type, 101, 3, 5, indices));
  }

  @ParameterizedTest
  @MethodSource("types")
  void equalIndicesAddUp(DataType type) {
    int[] indices = new int[1_031];
    Arrays.fill(indices, 1);
    check(scatterAdd(type, 3, 17, NONE, indices));
    check(gather(type, 3, 17, indices));
  }

  /** The sum of these three is 0 in this order and 1 in another. */
  @ParameterizedTest
  @MethodSource("types")
  void addsInTheOrderOfTheIndices(DataType type) {
    double large = type == DataType.FLOAT32 ? 0x1p24 : 0x1p53;
    int[] indices = new int[3 * 40];
    double[] outer = new double[indices.length];
    Bounded[] sums = new Bounded[40];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = i % 40;
      outer[i] = i < 40 ? large : i < 80 ? 1 : -large;
      sums[i % 40] = Tolerance.of(type).exact(0);
    }
    Call call = new Call("scatterAdd", "embedding backward", type);
    Operand index = call.indices("indices", Shape.of(indices.length), indices).defining();
    Operand dy = call.input("dy", Shape.of(indices.length, 1), outer);
    Operand table = call.updated("dtable", Shape.of(40, 1), new double[40], sums).defining();
    check(
        call.of(b -> b.embedding().scatterAdd(index.tensor(), NONE, dy.tensor(), table.tensor())));
  }

  @Test
  void largeTable() {
    int[] indices = new Numbers(5).indices(2_003, 3_001);
    check(gather(DataType.FLOAT32, 3_001, 133, indices));
    check(scatterAdd(DataType.FLOAT32, 3_001, 133, 7, indices));
  }

  @ParameterizedTest
  @MethodSource("types")
  void indicesOutsideTheTable(DataType type) {
    int[] indices = {0, -1, 5, Integer.MAX_VALUE, Integer.MIN_VALUE, 4, 1 << 30};
    for (int columns : new int[] {1, 8, 19}) {
      check(gather(type, 5, columns, indices));
      check(scatterAdd(type, 5, columns, NONE, indices));
      check(scatterAdd(type, 5, columns, 4, indices));
      check(gather(type, 0, columns, indices));
      check(scatterAdd(type, 0, columns, NONE, indices));
    }
  }

  Stream<Arguments> golden() {
    return typesAndGolden("embedding");
  }

  @ParameterizedTest
  @MethodSource("golden")
  void agreesWithPyTorch(DataType type, Golden golden) {
    int[] indices = golden.ints("indices");
    double[] table = golden.doubles("table");
    int vocabulary = golden.shape("table").rows();
    int columns = golden.shape("table").columns();
    Call gather = gather(type, vocabulary, table, columns, indices);
    check(gather.anchor("out", golden.doubles("y")));
    int padding = (int) golden.number("padding");
    double[] zeros = new double[table.length];
    double[] dy = golden.doubles("dy");
    Call scatter = scatterAdd(type, vocabulary, zeros, dy, columns, padding, indices);
    check(scatter.anchor("dtable", golden.doubles("dtable")));
  }

  @Test
  void refusesATableThatIsNoMatrix() {
    Call call = gather(DataType.FLOAT32, 3, 2, 0, 1);
    bound(
        call,
        () -> {
          var indices = call.operands().get(0).tensor();
          var table = call.operands().get(1).tensor().reshape(Shape.of(6));
          var out = call.operands().get(2).tensor();
          refuses(
              () -> backend().embedding().gather(indices, table, out),
              "embedding: 'table' is table[6] FLOAT32, expected [V,D]");
          refuses(
              () -> backend().embedding().scatterAdd(indices, NONE, out, table),
              "embedding backward: 'dtable' is table[6] FLOAT32, expected [V,D]");
        });
  }

  /**
   * Describes a look-up; the test of sizes leaves the table alone, as it says how many there are.
   */
  private static Call gather(DataType type, int vocabulary, int columns, int... indices) {
    double[] values = new Numbers(vocabulary).uniform(vocabulary * columns);
    return gather(type, vocabulary, values, columns, indices);
  }

  private static Call gather(
      DataType type, int vocabulary, double[] values, int columns, int... indices) {
    Call call = new Call("gather", "embedding", type);
    Tolerance t = call.tolerance();
    Operand index = call.indices("indices", Shape.of(indices.length), indices).defining();
    Operand table = call.input("table", Shape.of(vocabulary, columns), values).defining();
    Bounded[] rows =
        Oracle.indexed(
            indices.length * columns,
            at -> {
              int row = indices[at / columns];
              boolean inside = row >= 0 && row < vocabulary;
              return t.exact(inside ? values[row * columns + at % columns] : Double.NaN);
            });
    Operand out = call.output("out", Shape.of(indices.length, columns), rows);
    return call.of(b -> b.embedding().gather(index.tensor(), table.tensor(), out.tensor()));
  }

  private static Call scatterAdd(
      DataType type, int vocabulary, int columns, int padding, int... indices) {
    Numbers numbers = new Numbers(indices.length);
    double[] outer = numbers.integers(indices.length * columns);
    double[] before = numbers.integers(vocabulary * columns);
    return scatterAdd(type, vocabulary, before, outer, columns, padding, indices);
  }

  private static Call scatterAdd(
      DataType type,
      int vocabulary,
      double[] before,
      double[] outer,
      int columns,
      int padding,
      int... indices) {
    Call call = new Call("scatterAdd", "embedding backward", type);
    Bounded[] after = call.tolerance().exact(before);
    for (int at = 0; at < outer.length; at++) {
      int row = indices[at / columns];
      if (row != padding && row >= 0 && row < vocabulary) {
        int entry = row * columns + at % columns;
        after[entry] = after[entry].plus(outer[at]);
      }
    }
    Operand index = call.indices("indices", Shape.of(indices.length), indices).defining();
    Operand dy = call.input("dy", Shape.of(indices.length, columns), outer);
    Operand table = call.updated("dtable", Shape.of(vocabulary, columns), before, after).defining();
    return call.of(
        b -> b.embedding().scatterAdd(index.tensor(), padding, dy.tensor(), table.tensor()));
  }
}
