package dev.tandem.engine.conformance;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Dropout;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.WeightRegion;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The calls of {@link Recurrent} on one set of numbers. Behind the end of a sequence x and dy are
 * NaN, which must not spread.
 */
final class RecurrentCalls {
  /** Seed and step with bits everywhere, the sign bits among them. */
  private static final int[] STATE = {0x89ABCDEF, 0xFEDCBA98, 0x80000001, 0x70000007};

  private final DataType type;
  private final Tolerance t;
  private final RecurrentSpec spec;
  private final Recurrent.Plan plan;
  private final Map<String, double[]> weights = new HashMap<>();
  private int[] lengths;
  private boolean states = true;
  private double[] x;
  private double[] h0;
  private double[] c0;
  private double[] dy;
  private double[] dhn;
  private double[] dcn;

  /**
   * Draws numbers.
   *
   * @param backend whose layout of the weights is used
   */
  RecurrentCalls(Backend backend, DataType type, RecurrentSpec spec) {
    this(backend, type, spec, spec.hashCode());
  }

  /** Draws the numbers of a seed. */
  RecurrentCalls(Backend backend, DataType type, RecurrentSpec spec, int seed) {
    this.type = type;
    this.spec = spec;
    t = Tolerance.of(type);
    plan = backend.recurrent().plan(spec);
    Numbers numbers = new Numbers(seed);
    int hidden = spec.hiddenSize();
    // As large as PyTorch's for small cells; in large ones so small that errors do not grow.
    double scale = Math.min(1, 2.0 / hidden);
    for (WeightRegion region : WeightRegion.wholeParameters(spec)) {
      weights.put(region.parameter(), numbers.uniform((int) region.elements(), -scale, scale));
    }
    int steps = spec.time() * spec.batch();
    int all = spec.layers() * spec.directions() * spec.batch() * hidden;
    x = numbers.uniform(steps * spec.inputSize());
    dy = numbers.uniform(steps * hidden * spec.directions());
    h0 = numbers.uniform(all);
    c0 = numbers.uniform(all);
    dhn = numbers.uniform(all);
    dcn = numbers.uniform(all);
  }

  /** Makes the sequences shorter. */
  RecurrentCalls lengths(int... theLengths) {
    lengths = theLengths;
    for (int n = 0; n < lengths.length; n++) {
      int end = lengths[n] > spec.time() ? 0 : Math.max(0, lengths[n]);
      for (int step = end; step < spec.time(); step++) {
        int row = step * spec.batch() + n;
        fill(x, row, spec.inputSize());
        fill(dy, row, spec.hiddenSize() * spec.directions());
      }
    }
    return this;
  }

  private static void fill(double[] values, int row, int columns) {
    Arrays.fill(values, row * columns, (row + 1) * columns, Double.NaN);
  }

  /** Leaves out the states and their gradients. */
  RecurrentCalls withoutStates() {
    states = false;
    for (double[] zeros : List.of(h0, c0, dhn, dcn)) {
      Arrays.fill(zeros, 0);
    }
    return this;
  }

  /** Takes other numbers. */
  RecurrentCalls with(String name, double... values) {
    switch (name) {
      case "x" -> x = values;
      case "h0" -> h0 = values;
      case "c0" -> c0 = values;
      case "dy" -> dy = values;
      case "dhn" -> dhn = values;
      case "dcn" -> dcn = values;
      default -> weights.put(name, values);
    }
    return this;
  }

  /** Returns the calls of a step of training. */
  Stream<Call> all() {
    return Stream.of(forward(), backwardData(), backwardWeights());
  }

  Call forward() {
    Call call = new Call("forward", "recurrent", type);
    Operands operands = new Operands(call, oracle());
    return call.of(b -> b.recurrent().forward(b.recurrent().plan(spec), operands.forward()));
  }

  Call backwardData() {
    Call call = new Call("backwardData", "recurrent backwardData", type);
    Operands operands = new Operands(call, oracle());
    operands.gradients(false);
    call.after(b -> b.recurrent().forward(b.recurrent().plan(spec), operands.forward()));
    return call.of(b -> b.recurrent().backwardData(b.recurrent().plan(spec), operands.backward()));
  }

  Call backwardWeights() {
    Call call = new Call("backwardWeights", "recurrent backwardWeights", type);
    Operands operands = new Operands(call, oracle());
    operands.gradients(true);
    call.after(
        b -> {
          Recurrent.Plan steps = b.recurrent().plan(spec);
          b.recurrent().forward(steps, operands.forward());
          b.recurrent().backwardData(steps, operands.backward());
        });
    return call.of(
        b -> b.recurrent().backwardWeights(b.recurrent().plan(spec), operands.backward()));
  }

  /** Checks the oracle's gradients of the weights against known ones. */
  void anchorGradients(Golden golden) {
    oracle()
        .backward(exact(dy), exact(dhn), exact(dcn))
        .dweights()
        .forEach((name, sums) -> Oracle.anchored(sums, golden.doubles("d" + name)));
  }

  private RecurrentOracle oracle() {
    Map<String, Bounded[]> exact = new HashMap<>();
    weights.forEach((name, values) -> exact.put(name, exact(values)));
    return new RecurrentOracle(spec, exact, lengths, exact(x), exact(h0), exact(c0), kept());
  }

  /** Returns numbers as the type holds them. */
  private Bounded[] exact(double[] values) {
    return t.exact(
        type == DataType.FLOAT32
            ? Arrays.stream(values).map(value -> (float) value).toArray()
            : values);
  }

  /** The factors of dropout, as {@link Dropout} says. */
  private Bounded[] kept() {
    if (!spec.drops()) {
      return null;
    }
    int elements = spec.time() * spec.batch() * spec.hiddenSize() * spec.directions();
    long seed = Integer.toUnsignedLong(STATE[1]) << 32 | Integer.toUnsignedLong(STATE[0]);
    int[] words = new int[4];
    return Oracle.indexed(
        elements * (spec.layers() - 1),
        i -> {
          int stream = spec.dropoutStream() + i / elements;
          int element = i % elements;
          Philox.block(seed, element / 4, stream, STATE[2], STATE[3], words);
          long word = Integer.toUnsignedLong(words[element % 4]);
          boolean stays = word >= Math.round(spec.dropout() * 0x1p32);
          return stays ? t.exact(1).over(t.rounded(1 - spec.dropout())) : t.exact(0);
        });
  }

  /** Lays out parameters as the plan says; gaps are 0. */
  private Bounded[] block(Map<String, Bounded[]> parameters) {
    Bounded[] block = Oracle.indexed(Math.toIntExact(plan.weightElements()), i -> t.exact(0));
    for (WeightRegion region : plan.regions()) {
      int from = region.firstRow() * region.columns();
      System.arraycopy(
          parameters.get(region.parameter()),
          from,
          block,
          (int) region.offset(),
          (int) region.elements());
    }
    return block;
  }

  /** The operands of one call. */
  private final class Operands {
    private final Call call;
    private final RecurrentOracle oracle;
    private final Map<String, Operand> byRole = new HashMap<>();

    Operands(Call call, RecurrentOracle oracle) {
      this.call = call;
      this.oracle = oracle;
      int time = spec.time();
      int batch = spec.batch();
      int width = spec.hiddenSize() * spec.directions();
      put(call.input("x", Shape.of(time, batch, spec.inputSize()), x).defining());
      if (lengths != null) {
        put(call.indices("lengths", Shape.of(batch), lengths).optional());
      }
      state("h0", h0);
      cellState("c0", c0);
      Map<String, Bounded[]> exact = new HashMap<>();
      weights.forEach((name, values) -> exact.put(name, t.exact(values)));
      double[] block = Oracle.values(block(exact));
      put(call.input("weights", Shape.of(block.length), block));
      if (spec.drops()) {
        put(call.indices("dropoutState", Shape.of(Dropout.STATE_LENGTH), STATE));
      }
      put(call.output("y", Shape.of(time, batch, width), oracle.y()));
      if (states) {
        put(call.output("hn", stateShape(), oracle.last(false)).optional());
        if (spec.cell().hasCellState()) {
          put(call.output("cn", stateShape(), oracle.last(true)).optional());
        }
      }
      scratch("workspace", plan.workspaceElements());
      scratch("reserve", plan.reserveElements());
    }

    private void put(Operand operand) {
      byRole.put(operand.role(), operand);
    }

    private Shape stateShape() {
      return Shape.of(spec.layers() * spec.directions(), spec.batch(), spec.hiddenSize());
    }

    private void state(String role, double[] values) {
      if (states) {
        put(call.input(role, stateShape(), values).optional());
      }
    }

    private void cellState(String role, double[] values) {
      if (spec.cell().hasCellState()) {
        state(role, values);
      }
    }

    private void scratch(String role, long elements) {
      if (elements > 0) {
        put(call.scratch(role, Shape.of(Math.toIntExact(elements))));
      }
    }

    /** Adds the gradients. */
    void gradients(boolean ofWeights) {
      int width = spec.hiddenSize() * spec.directions();
      put(call.input("dy", Shape.of(spec.time(), spec.batch(), width), dy).optional());
      state("dhn", dhn);
      cellState("dcn", dcn);
      RecurrentOracle.Gradients gradients = oracle.backward(exact(dy), exact(dhn), exact(dcn));
      Shape inputs = Shape.of(spec.time(), spec.batch(), spec.inputSize());
      put(call.output("dx", inputs, gradients.dx()).optional());
      if (states) {
        put(call.output("dh0", stateShape(), gradients.dh0()).optional());
        if (spec.cell().hasCellState()) {
          put(call.output("dc0", stateShape(), gradients.dc0()).optional());
        }
      }
      Bounded[] sums = block(gradients.dweights());
      double[] before = new Numbers(7).integers(sums.length);
      Bounded[] after =
          Oracle.indexed(
              sums.length, i -> ofWeights ? sums[i].plus(before[i]) : t.exact(before[i]));
      put(call.updated("dweights", Shape.of(sums.length), before, after));
    }

    private Tensor tensor(String role) {
      Operand operand = byRole.get(role);
      return operand == null ? null : operand.tensor();
    }

    Recurrent.Forward forward() {
      return new Recurrent.Forward(
          tensor("x"),
          tensor("lengths"),
          tensor("h0"),
          tensor("c0"),
          tensor("weights"),
          tensor("dropoutState"),
          tensor("y"),
          tensor("hn"),
          tensor("cn"),
          tensor("workspace"),
          tensor("reserve"));
    }

    Recurrent.Backward backward() {
      return new Recurrent.Backward(
          forward(),
          tensor("dy"),
          tensor("dhn"),
          tensor("dcn"),
          tensor("dx"),
          tensor("dh0"),
          tensor("dc0"),
          tensor("dweights"));
    }
  }
}
