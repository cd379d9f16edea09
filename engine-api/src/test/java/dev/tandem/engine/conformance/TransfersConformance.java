package dev.tandem.engine.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Shape;
import dev.tandem.engine.StagingBuffer;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import dev.tandem.engine.Transfers;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Transfers} and arenas must do. */
abstract class TransfersConformance extends FamilyConformance {
  TransfersConformance() {
    super(Transfers.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    return Stream.of(copy(type, 19), fill(type, 19, 2.5), zero(type, 19));
  }

  /** Every call uploads and downloads; what is particular to them is tested here. */
  @Override
  Set<String> testedApart() {
    return Set.of("upload", "download", "stage");
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everySize(DataType type, int size) {
    check(copy(type, size));
    check(fill(type, size, -0.75));
    check(zero(type, size));
  }

  @ParameterizedTest
  @MethodSource("types")
  void widensAndRounds(DataType type) {
    withTensor(
        type,
        3,
        tensor -> {
          double[] doubles = {0.1, -1e-3, 1e300};
          backend().transfers().upload(doubles, 0, tensor);
          double[] back = new double[3];
          backend().transfers().download(tensor, back, 0);
          float[] rounded = {0.1f, -1e-3f, Float.POSITIVE_INFINITY};
          assertThat(back)
              .isEqualTo(
                  type == DataType.FLOAT64
                      ? doubles
                      : new double[] {rounded[0], rounded[1], rounded[2]});
          float[] floats = new float[3];
          backend().transfers().download(tensor, floats, 0);
          assertThat(floats).isEqualTo(rounded);
        });
  }

  @ParameterizedTest
  @MethodSource("types")
  void hostRangesBeginAnywhere(DataType type) {
    withTensor(
        type,
        2,
        tensor -> {
          backend().transfers().upload(new float[] {9, 1, 2, 9}, 1, tensor);
          float[] floats = {7, 7, 7, 7, 7};
          backend().transfers().download(tensor, floats, 2);
          assertThat(floats).containsExactly(7, 7, 1, 2, 7);
          double[] doubles = {7, 7, 7, 7};
          backend().transfers().download(tensor, doubles, 1);
          assertThat(doubles).containsExactly(7, 1, 2, 7);
        });
    withTensor(
        DataType.INT32,
        2,
        tensor -> {
          backend().transfers().upload(new int[] {9, 9, Integer.MIN_VALUE, -1}, 2, tensor);
          int[] ints = {7, 7, 7};
          backend().transfers().download(tensor, ints, 0);
          assertThat(ints).containsExactly(Integer.MIN_VALUE, -1, 7);
          backend().transfers().fill(tensor, -3);
          backend().transfers().download(tensor, ints, 1);
          assertThat(ints).containsExactly(Integer.MIN_VALUE, -3, -3);
        });
  }

  @ParameterizedTest
  @MethodSource("types")
  void stagingBuffersUpload(DataType type) {
    try (StagingBuffer stage = backend().transfers().stage(DataType.FLOAT32, 5)) {
      for (int i = 0; i < 5; i++) {
        stage.floats().put(i, i + 0.5f);
      }
      withTensor(
          type,
          3,
          tensor -> {
            backend().transfers().upload(stage, tensor);
            backend().synchronize();
            assertThat(Binding.download(backend(), tensor)).containsExactly(0.5, 1.5, 2.5);
          });
      assertThatThrownBy(stage::ints)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("this staging buffer holds FLOAT32 (ask for that)");
    }
    try (StagingBuffer stage = backend().transfers().stage(DataType.INT32, 2)) {
      stage.ints().put(0, -4).put(1, Integer.MAX_VALUE);
      withTensor(
          DataType.INT32,
          2,
          tensor -> {
            backend().transfers().upload(stage, tensor);
            backend().synchronize();
            assertThat(Binding.download(backend(), tensor)).containsExactly(-4, Integer.MAX_VALUE);
          });
    }
  }

  @Test
  void copiesIntegers() {
    MemoryPlan plan = new MemoryPlan();
    var from = plan.add(MemoryKind.IO, "from", DataType.INT32, Shape.of(3));
    var to = plan.add(MemoryKind.PARAMETERS, "to", DataType.INT32, Shape.of(3));
    try (TensorArena arena = backend().allocate(plan)) {
      backend().transfers().upload(new int[] {1, -2, Integer.MIN_VALUE}, 0, arena.tensor(from));
      backend().transfers().copy(arena.tensor(from), arena.tensor(to));
      int[] copied = new int[3];
      backend().transfers().download(arena.tensor(to), copied, 0);
      assertThat(copied).containsExactly(1, -2, Integer.MIN_VALUE);
    }
  }

  @Test
  void refusesRangesAndTypesThatDoNotFit() {
    Transfers transfers = backend().transfers();
    withTensor(
        DataType.FLOAT32,
        3,
        x -> {
          refuses(
              () -> transfers.upload(new float[4], 2, x),
              "upload: x[3] FLOAT32 has 3 elements, but the host has 2 from index 2");
          refuses(
              () -> transfers.download(x, new double[4], -1),
              "download: x[3] FLOAT32 has 3 elements, but the host has 5 from index -1");
          refuses(
              () -> transfers.upload(new int[3], 0, x),
              "upload: 'target' is x[3] FLOAT32, expected INT32");
          refuses(
              () -> transfers.upload(new float[3], 0, null),
              "upload: 'target' is missing (give a tensor)");
          try (StagingBuffer stage = transfers.stage(DataType.FLOAT32, 2)) {
            refuses(
                () -> transfers.upload(stage, x),
                "upload: x[3] FLOAT32 has 3 elements, but the host has 2 from index 0");
          }
        });
    refuses(
        () -> transfers.stage(DataType.FLOAT64, 3),
        "stage: 3 elements of FLOAT64 (give 0 or more of FLOAT32 or INT32)");
    refuses(
        () -> transfers.stage(DataType.INT32, -1),
        "stage: -1 elements of INT32 (give 0 or more of FLOAT32 or INT32)");
  }

  @Test
  void arenasAreZeroed() {
    for (int round = 0; round < 2; round++) {
      withTensor(
          DataType.FLOAT32,
          1_031,
          tensor -> {
            assertThat(Binding.download(backend(), tensor)).containsOnly(0);
            backend().transfers().fill(tensor, 3);
          });
    }
  }

  @Test
  void arenasKeepTheirPlanAndCloseTwice() {
    MemoryPlan plan = new MemoryPlan();
    var slot = plan.add(MemoryKind.IO, "x", DataType.INT32, Shape.of(2, 3));
    TensorArena arena = backend().allocate(plan);
    assertThat(arena.plan()).isSameAs(plan);
    assertThat(arena.tensor(slot)).hasToString("x[2,3] INT32");
    arena.close();
    arena.close();
    assertThat(arena.tensor(slot).storage().isClosed()).isTrue();
  }

  @Test
  void refusesTypesThatItDoesNotComputeIn() {
    if (!backend().info().floatTypes().contains(DataType.FLOAT64)) {
      MemoryPlan plan = new MemoryPlan();
      plan.add(MemoryKind.IO, "x", DataType.FLOAT64, Shape.of(1));
      refuses(
          () -> backend().allocate(plan).close(),
          "backend '%s' does not compute in FLOAT64 (use backend 'scalar')",
          backend().info().id());
    }
  }

  private void withTensor(DataType type, int size, Consumer<Tensor> action) {
    MemoryPlan plan = new MemoryPlan();
    var slot = plan.add(MemoryKind.IO, "x", type, Shape.of(size));
    try (TensorArena arena = backend().allocate(plan)) {
      action.accept(arena.tensor(slot));
    }
  }

  private static Call copy(DataType type, int size) {
    Call call = new Call("copy", "copy", type);
    double[] values = new Numbers(size).uniform(size);
    Operand source = call.input("source", Shape.of(size), values).defining().ofAnyType();
    Operand target =
        call.output("target", Shape.of(size), call.tolerance().exact(values)).ofAnyType();
    return call.mayBe(target, source).of(b -> b.transfers().copy(source.tensor(), target.tensor()));
  }

  private static Call fill(DataType type, int size, double value) {
    Call call = new Call("fill", "fill", type);
    double[] values = new double[size];
    Arrays.fill(values, value);
    Operand target =
        call.output("target", Shape.of(size), call.tolerance().exact(values))
            .defining()
            .ofAnyType();
    return call.of(b -> b.transfers().fill(target.tensor(), value));
  }

  private static Call zero(DataType type, int size) {
    Call call = new Call("zero", "fill", type);
    Operand target =
        call.output("target", Shape.of(size), call.tolerance().exact(new double[size]))
            .defining()
            .ofAnyType();
    return call.of(b -> b.transfers().zero(target.tensor()));
  }
}
