package dev.tandem.engine.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.WeightRegion;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Recurrent} must do. */
abstract class RecurrentConformance extends FamilyConformance {
  private static final int STREAM = 5;

  RecurrentConformance() {
    super(Recurrent.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    Stream<Call> small =
        cells().flatMap(cell -> calls(type, spec(cell, 2, 3, 4, 3)).lengths(2, 1, 2).all());
    RecurrentSpec deep = deep(RecurrentCell.LSTM, 2, 2, 3, 2, 2, true, 0.5);
    return Stream.concat(small, calls(type, deep).all());
  }

  @Override
  Set<String> testedApart() {
    return Set.of("plan");
  }

  private static Stream<RecurrentCell> cells() {
    return Arrays.stream(RecurrentCell.values());
  }

  Stream<Arguments> typesAndCells() {
    return types().flatMap(type -> cells().map(cell -> Arguments.of(type, cell)));
  }

  private RecurrentCalls calls(DataType type, RecurrentSpec spec) {
    return new RecurrentCalls(backend(), type, spec);
  }

  private static RecurrentSpec spec(RecurrentCell cell, int time, int batch, int in, int hidden) {
    return deep(cell, time, batch, in, hidden, 1, false, 0);
  }

  private static RecurrentSpec deep(
      RecurrentCell cell,
      int time,
      int batch,
      int in,
      int hidden,
      int layers,
      boolean bidirectional,
      double dropout) {
    return new RecurrentSpec(
        cell, time, batch, in, hidden, layers, bidirectional, dropout, STREAM, true);
  }

  private static RecurrentSpec inference(RecurrentSpec spec) {
    return new RecurrentSpec(
        spec.cell(),
        spec.time(),
        spec.batch(),
        spec.inputSize(),
        spec.hiddenSize(),
        spec.layers(),
        spec.bidirectional(),
        spec.dropout(),
        spec.dropoutStream(),
        false);
  }

  /** One unit, two steps: h = max(0, 2 x + 3 + 1 h' - 1), whole numbers all the way. */
  @ParameterizedTest
  @MethodSource("types")
  void workedRelu(DataType type) {
    RecurrentCalls calls =
        worked(type, RecurrentCell.RNN_RELU, new double[] {2}, new double[] {1}, 3)
            .with("bias_hh_l0", -1)
            .with("x", 1, -4);
    // h: 4, 0 (from -2); dy of 1 and 10: the second step is below 0, so that 10 is lost.
    check(calls.forward().anchor("y", 4, 0).anchor("hn", 0));
    check(calls.backwardData().anchor("dx", 2, 0).anchor("dh0", 1));
    check(calls.backwardWeights());
  }

  /** {@code tanh(log 2 / 2 x) = (2^x - 1) / (2^x + 1)}: 1/3 of 1, 3/5 of 2. */
  @ParameterizedTest
  @MethodSource("types")
  void workedTanh(DataType type) {
    double half = Math.log(2) / 2;
    RecurrentCalls calls =
        worked(type, RecurrentCell.RNN_TANH, new double[] {half}, new double[] {0}, 0)
            .with("x", 1, 2);
    if (type == DataType.FLOAT64) {
      calls.forward().anchor("y", 1 / 3.0, 3 / 5.0);
      // dx = dy (1 - y^2) W = 8/9 W and 10 * 16/25 W
      calls.backwardData().anchor("dx", 8 / 9.0 * half, 6.4 * half);
    }
    calls.all().forEach(this::check);
  }

  /** {@code sigmoid(log 3) = 3/4, tanh(log 2) = 3/5}: each gate from its own bias. */
  @ParameterizedTest
  @MethodSource("types")
  void workedLstm(DataType type) {
    double[] zeros = {0, 0, 0, 0};
    RecurrentCalls calls =
        worked(type, RecurrentCell.LSTM, zeros, zeros, 0)
            .with("bias_ih_l0", Math.log(3), 0, Math.log(2), -Math.log(3))
            .with("c0", 0.5);
    if (type == DataType.FLOAT64) {
      // i 3/4, f 1/2, g 3/5, o 1/4: c = 0.25 + 0.45 = 0.7, then 0.35 + 0.45 = 0.8
      calls.forward().anchor("cn", 0.8).anchor("y", Math.tanh(0.7) / 4, Math.tanh(0.8) / 4);
      double first = 1 - Math.tanh(0.7) * Math.tanh(0.7);
      double second = 1 - Math.tanh(0.8) * Math.tanh(0.8);
      calls.backwardData().anchor("dc0", (10 * second / 4 / 2 + first / 4) / 2);
    }
    calls.all().forEach(this::check);
  }

  /** {@code r 3/4, z 1/4, n = tanh(r log 2 4/3) = 3/5}: the bias of h is inside r. */
  @ParameterizedTest
  @MethodSource("types")
  void workedGru(DataType type) {
    double[] zeros = {0, 0, 0};
    RecurrentCalls calls =
        worked(type, RecurrentCell.GRU, zeros, zeros, 0)
            .with("bias_ih_l0", Math.log(3), -Math.log(3), 0)
            .with("bias_hh_l0", 0, 0, Math.log(2) * 4 / 3)
            .with("h0", 1);
    if (type == DataType.FLOAT64) {
      // h = 3/4 3/5 + 1/4 = 0.7, then 0.45 + 0.175
      calls.forward().anchor("y", 0.7, 0.625);
      calls.backwardData().anchor("dh0", (1 + 10 / 4.0) / 4);
    }
    calls.all().forEach(this::check);
  }

  /** One unit and one feature for two steps; gradients of 1 and 10 come from y alone. */
  private RecurrentCalls worked(
      DataType type, RecurrentCell cell, double[] weightIh, double[] weightHh, double bias) {
    double[] biases = new double[cell.gates()];
    Arrays.fill(biases, bias);
    return calls(type, spec(cell, 2, 1, 1, 1))
        .with("weight_ih_l0", weightIh)
        .with("weight_hh_l0", weightHh)
        .with("bias_ih_l0", biases)
        .with("bias_hh_l0", new double[cell.gates()])
        .with("h0", 0)
        .with("c0", 0)
        .with("x", 1, 1)
        .with("dy", 1, 10)
        .with("dhn", 0)
        .with("dcn", 0);
  }

  @ParameterizedTest
  @MethodSource("typesAndCells")
  void everyHiddenSize(DataType type, RecurrentCell cell) {
    for (int size : new int[] {1, 2, 7, 8, 9, 15, 17, 31, 33}) {
      calls(type, spec(cell, 2, 3, 2, size)).all().forEach(this::check);
    }
  }

  @ParameterizedTest
  @MethodSource("typesAndCells")
  void everyBatchAndInputSize(DataType type, RecurrentCell cell) {
    for (int size : new int[] {1, 2, 5, 6, 7, 8, 9, 13, 17, 37}) {
      calls(type, spec(cell, 2, size, 3, 5)).all().forEach(this::check);
      calls(type, spec(cell, 3, 2, size, 5)).all().forEach(this::check);
    }
  }

  @ParameterizedTest
  @MethodSource("typesAndCells")
  void everyTime(DataType type, RecurrentCell cell) {
    for (int time : new int[] {1, 3, 16, 50}) {
      calls(type, spec(cell, time, 2, 3, 3)).all().forEach(this::check);
    }
  }

  /** Enough work for several threads, and more sequences than one takes at a time. */
  @ParameterizedTest
  @EnumSource(RecurrentCell.class)
  void largeSizes(RecurrentCell cell) {
    calls(DataType.FLOAT32, deep(cell, 12, 67, 19, 67, 1, true, 0)).all().forEach(this::check);
  }

  /** What has a path of its own: one sequence, alone or behind whole tiles of others. */
  @ParameterizedTest
  @EnumSource(RecurrentCell.class)
  void oneSequenceWithManyUnits(RecurrentCell cell) {
    for (int batch : new int[] {1, 9}) {
      RecurrentSpec spec = deep(cell, 3, batch, 6, 163, 2, true, 0);
      calls(DataType.FLOAT32, spec).all().forEach(this::check);
      calls(DataType.FLOAT32, inference(spec)).forward().check(subject());
    }
  }

  @ParameterizedTest
  @MethodSource("typesAndCells")
  void layersAndDirections(DataType type, RecurrentCell cell) {
    for (int layers = 1; layers <= 3; layers++) {
      calls(type, deep(cell, 4, 3, 5, 4, layers, true, 0)).all().forEach(this::check);
      calls(type, deep(cell, 4, 3, 5, 4, layers, false, 0))
          .withoutStates()
          .all()
          .forEach(this::check);
    }
  }

  /** In any order; behind the ends there is NaN. */
  @ParameterizedTest
  @MethodSource("typesAndCells")
  void lengths(DataType type, RecurrentCell cell) {
    int[] lengths = {3, 5, 1, 2, 5, 4, 1, 1, 3, 2, 1};
    RecurrentSpec two = deep(cell, 5, 11, 3, 5, 2, true, 0);
    calls(type, two).lengths(lengths).all().forEach(this::check);
    RecurrentSpec one = spec(cell, 5, 11, 3, 5);
    calls(type, one).lengths(lengths).withoutStates().all().forEach(this::check);
    calls(type, one).lengths(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1).all().forEach(this::check);
  }

  @ParameterizedTest
  @MethodSource("typesAndCells")
  void noLengthsSpoilTheirExampleAlone(DataType type, RecurrentCell cell) {
    RecurrentSpec two = deep(cell, 3, 6, 3, 4, 2, true, 0);
    int[] lengths = {2, 0, 3, 4, Integer.MIN_VALUE, 1};
    calls(type, two).lengths(lengths).all().forEach(this::check);
  }

  @ParameterizedTest
  @MethodSource("typesAndCells")
  void dropsBetweenLayers(DataType type, RecurrentCell cell) {
    RecurrentSpec three = deep(cell, 3, 3, 2, 3, 3, true, 0.5);
    calls(type, three).all().forEach(this::check);
    calls(type, three).lengths(2, 3, 1).all().forEach(this::check);
    calls(type, inference(three)).forward().check(subject());
  }

  /** The same numbers at three sizes of blocks, with and without lengths. */
  @ParameterizedTest
  @MethodSource("typesAndCells")
  void inferenceIsTheTrainingForwardPass(DataType type, RecurrentCell cell) {
    RecurrentSpec spec = deep(cell, 7, 9, 5, 11, 3, true, 0);
    RecurrentSpec without = inference(spec);
    for (int[] lengths : new int[][] {null, {7, 1, 3, 2, 7, 6, 5, 1, 4}}) {
      RecurrentCalls training = calls(type, spec);
      RecurrentCalls serving = new RecurrentCalls(backend(), type, without, spec.hashCode());
      if (lengths != null) {
        training.lengths(lengths);
        serving.lengths(lengths);
      }
      Call first = training.forward();
      Call second = serving.forward();
      check(second);
      assertThat(result(second, "y")).isEqualTo(result(first, "y"));
      assertThat(result(second, "hn")).isEqualTo(result(first, "hn"));
    }
  }

  /** In blocks of steps: more than one block's worth. */
  @Test
  void longSequencesInInference() {
    RecurrentSpec spec = deep(RecurrentCell.LSTM, 700, 1, 1, 61, 1, true, 0);
    RecurrentCalls training = calls(DataType.FLOAT32, spec);
    RecurrentCalls serving =
        new RecurrentCalls(backend(), DataType.FLOAT32, inference(spec), spec.hashCode());
    assertThat(result(serving.forward(), "y")).isEqualTo(result(training.forward(), "y"));
  }

  private double[] result(Call call, String role) {
    List<String> roles = call.operands().stream().map(Operand::role).toList();
    try (Binding binding = new Binding(call, backend(), false)) {
      return binding.run(call::invoke)[roles.indexOf(role)];
    }
  }

  Stream<Arguments> golden() {
    return typesAndGolden("recurrent");
  }

  @ParameterizedTest
  @MethodSource("golden")
  void agreesWithPyTorch(DataType type, Golden golden) {
    int[] extents = golden.shape("x").toArray();
    RecurrentSpec spec =
        deep(
            RecurrentCell.valueOf(golden.text("cell")),
            extents[0],
            extents[1],
            extents[2],
            golden.shape("h0").columns(),
            (int) golden.number("layers"),
            golden.number("directions") == 2,
            0);
    RecurrentCalls calls = calls(type, spec);
    List<String> inputs = List.of("x", "h0", "c0", "dy", "dhn", "dcn");
    Stream<String> parameters =
        WeightRegion.wholeParameters(spec).stream().map(WeightRegion::parameter);
    Stream.concat(inputs.stream(), parameters)
        .filter(golden::has)
        .forEach(name -> calls.with(name, golden.doubles(name)));
    if (golden.has("lengths")) {
      calls.lengths(golden.ints("lengths"));
    }
    for (Call call : calls.all().toList()) {
      for (Operand operand : call.operands()) {
        if (!operand.isInput() && golden.has(operand.role())) {
          call.anchor(operand.role(), golden.doubles(operand.role()));
        }
      }
      check(call);
    }
    calls.anchorGradients(golden);
  }

  @ParameterizedTest
  @EnumSource(RecurrentCell.class)
  void regionsHoldEveryRowOnceWhateverTimeAndBatch(RecurrentCell cell) {
    RecurrentSpec spec = deep(cell, 3, 2, 5, 7, 2, true, 0.5);
    Recurrent.Plan plan = backend().recurrent().plan(spec);
    RecurrentSpec other = inference(deep(cell, 11, 1, 5, 7, 2, true, 0));
    assertThat(backend().recurrent().plan(other).regions()).isEqualTo(plan.regions());
    assertThat(backend().recurrent().plan(other).weightElements()).isEqualTo(plan.weightElements());
    assertThat(plan.spec()).isEqualTo(spec);
    assertThat(plan.algorithm()).isNotBlank();
    assertThat(backend().recurrent().plan(other).reserveElements()).isZero();
    boolean[] taken = new boolean[Math.toIntExact(plan.weightElements())];
    for (WeightRegion region : plan.regions()) {
      for (long at = region.offset(); at < region.offset() + region.elements(); at++) {
        assertThat(taken[(int) at]).as("%s at %d", region, at).isFalse();
        taken[(int) at] = true;
      }
    }
    for (WeightRegion whole : WeightRegion.wholeParameters(spec)) {
      assertThat(whole.offset() % MemoryPlan.ALIGNMENT).isZero();
      Set<Integer> rows =
          plan.regions().stream()
              .filter(region -> region.parameter().equals(whole.parameter()))
              .peek(region -> assertThat(region.columns()).isEqualTo(whole.columns()))
              .flatMap(
                  region ->
                      IntStream.range(region.firstRow(), region.firstRow() + region.rows()).boxed())
              .collect(Collectors.toSet());
      assertThat(rows).hasSize(whole.rows());
    }
  }

  @Test
  void memoryGrowsInProportionToTime() {
    Recurrent family = backend().recurrent();
    long one = family.plan(spec(RecurrentCell.LSTM, 100, 3, 5, 7)).reserveElements();
    long ten = family.plan(spec(RecurrentCell.LSTM, 1_000, 3, 5, 7)).reserveElements();
    assertThat(ten).isLessThanOrEqualTo(10 * one);
  }

  @Test
  void refusesWhatDoesNotFit() {
    RecurrentSpec spec = spec(RecurrentCell.GRU, 2, 1, 3, 2);
    Call call = calls(DataType.FLOAT32, spec).forward();
    Recurrent family = backend().recurrent();
    bound(
        call,
        () -> {
          Tensor x = call.operands().get(0).tensor();
          Tensor h0 = call.operands().get(1).tensor();
          Recurrent.Forward tensors =
              new Recurrent.Forward(x, null, null, h0, null, null, null, null, null, null, null);
          refuses(
              () -> family.forward(family.plan(spec), tensors),
              "recurrent: 'c0' is h0[1,1,2] FLOAT32, but GRU has no cell state (leave it out)");
          refuses(
              () -> family.forward(family.plan(spec(RecurrentCell.GRU, 3, 1, 3, 2)), tensors),
              "recurrent: 'x' is x[2,1,3] FLOAT32 with 6 elements, expected 9");
          Recurrent.Backward backward =
              new Recurrent.Backward(tensors, null, null, null, null, null, null, null);
          refuses(
              () -> family.backwardData(family.plan(inference(spec)), backward),
              "recurrent backwardData: the plan is for inference (make it with training = true)");
          refuses(
              () -> family.backwardWeights(family.plan(inference(spec)), backward),
              "recurrent backwardWeights: the plan is for inference (make it with training = true)");
        });
  }

  @Test
  void refusesImpossibleSizes() {
    refuses(() -> spec(RecurrentCell.LSTM, 0, 1, 1, 1), "recurrent: time is 0 (give 1 or more)");
    refuses(
        () -> spec(RecurrentCell.LSTM, 1, 1, 1, -3),
        "recurrent: hiddenSize is -3 (give 1 or more)");
    refuses(
        () -> deep(RecurrentCell.LSTM, 1, 1, 1, 1, 0, false, 0),
        "recurrent: layers is 0 (give 1 or more)");
    refuses(
        () -> deep(RecurrentCell.LSTM, 1, 1, 1, 1, 2, false, 1),
        "recurrent: dropout is 1.0 (give a number from 0 to below 1)");
  }
}
