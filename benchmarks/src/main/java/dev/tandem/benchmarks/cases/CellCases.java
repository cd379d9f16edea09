package dev.tandem.benchmarks.cases;

import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.WeightRegion;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One recurrent layer over a batch of sequences. */
public final class CellCases {
  /** The time steps of the cases that are compared. */
  static final int TIME = 50;

  /** The features of each step. */
  static final int INPUTS = 64;

  /** Elements of the gates: products, sums and a sigmoid or tanh. */
  private static final int FLOPS_PER_GATE = Work.SIGMOID + 4;

  private CellCases() {}

  /** What is computed. */
  public enum Pass {
    /** The outputs, and what a backward pass will need. */
    FORWARD,
    /** Forward, then the gradients of the inputs. */
    INPUTS,
    /** Forward, then all gradients: what a training step does. */
    TRAINING;

    /** Returns the name in lower case. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A layer. A backward pass needs the forward pass before it, so that what it takes is a
   * difference of two cases.
   *
   * @param cell the cell
   * @param batch N
   * @param time T
   * @param inputs I
   * @param hidden H
   * @param pass how far it goes
   */
  public static OperationCase layer(
      RecurrentCell cell, int batch, int time, int inputs, int hidden, Pass pass) {
    RecurrentSpec spec = new RecurrentSpec(cell, time, batch, inputs, hidden, 1, false, 0, 0, true);
    return new OperationCase(
        Suite.CELLS,
        "%s n%d t%d i%d h%d %s".formatted(type(cell), batch, time, inputs, hidden, pass.id()),
        work(spec, pass),
        spec,
        operands -> call(spec, pass, operands));
  }

  static String type(RecurrentCell cell) {
    return cell == RecurrentCell.RNN_TANH ? "rnn" : cell.name().toLowerCase(Locale.ROOT);
  }

  private static Work work(RecurrentSpec spec, Pass pass) {
    double steps = (double) spec.time() * spec.batch();
    double gates = steps * spec.gateRows();
    double x = steps * spec.inputSize();
    double y = steps * spec.hiddenSize();
    double weights = (double) spec.gateRows() * (spec.inputSize() + spec.hiddenSize() + 2);
    double forward = spec.flops() + FLOPS_PER_GATE * gates;
    return switch (pass) {
      case FORWARD -> Work.of(forward, x + weights, y + gates);
      case INPUTS ->
          Work.of(
              forward + spec.flops() + 4 * gates, x + 2 * weights + y + gates, y + 2 * gates + x);
      case TRAINING ->
          Work.of(
              forward + 2 * spec.flops() + 4 * gates,
              2 * x + 3 * weights + 2 * y + 2 * gates,
              y + 2 * gates + x + weights);
    };
  }

  private static OperationCase.Call call(RecurrentSpec spec, Pass pass, Operands on) {
    int time = spec.time();
    int batch = spec.batch();
    int hidden = spec.hiddenSize();
    Recurrent family = on.backend().recurrent();
    Recurrent.Plan plan = family.plan(spec);
    Tensor weights = weights(plan, spec, on);
    Recurrent.Forward forward =
        new Recurrent.Forward(
            on.random(time, batch, spec.inputSize()),
            null,
            null,
            null,
            weights,
            null,
            on.zeros(time, batch, hidden),
            null,
            null,
            on.zeros((int) plan.workspaceElements()),
            on.zeros((int) plan.reserveElements()));
    Tensor dx = on.zeros(time, batch, spec.inputSize());
    Tensor dweights = on.zeros((int) plan.weightElements());
    Recurrent.Backward backward =
        new Recurrent.Backward(
            forward, on.random(time, batch, hidden), null, null, dx, null, null, dweights);
    List<Tensor> inputs = List.of(forward.x(), weights, backward.dy());
    return switch (pass) {
      case FORWARD ->
          new OperationCase.Call(
              () -> family.forward(plan, forward), () -> on.values(forward.y()), inputs);
      case INPUTS ->
          new OperationCase.Call(
              () -> {
                family.forward(plan, forward);
                family.backwardData(plan, backward);
              },
              () -> on.values(dx),
              inputs);
      case TRAINING ->
          new OperationCase.Call(
              () -> {
                family.forward(plan, forward);
                family.backwardData(plan, backward);
                family.backwardWeights(plan, backward);
              },
              () -> canonical(plan, spec, on.values(dweights)),
              inputs);
    };
  }

  /** The same parameters in the backend's own layout. */
  private static Tensor weights(Recurrent.Plan plan, RecurrentSpec spec, Operands on) {
    List<WeightRegion> whole = WeightRegion.wholeParameters(spec);
    float bound = (float) (1 / Math.sqrt(spec.hiddenSize()));
    float[] parameters = on.numbers(-bound, bound, (int) WeightRegion.end(whole));
    float[] block = new float[(int) plan.weightElements()];
    Map<String, WeightRegion> canonical = byName(whole);
    for (WeightRegion region : plan.regions()) {
      System.arraycopy(
          parameters,
          start(canonical, region),
          block,
          (int) region.offset(),
          (int) region.elements());
    }
    Tensor tensor = on.zeros(block.length);
    on.backend().transfers().upload(block, 0, tensor);
    return tensor;
  }

  /** The same parameters in PyTorch's order. */
  private static float[] canonical(Recurrent.Plan plan, RecurrentSpec spec, float[] block) {
    List<WeightRegion> whole = WeightRegion.wholeParameters(spec);
    float[] parameters = new float[(int) WeightRegion.end(whole)];
    Map<String, WeightRegion> canonical = byName(whole);
    for (WeightRegion region : plan.regions()) {
      System.arraycopy(
          block,
          (int) region.offset(),
          parameters,
          start(canonical, region),
          (int) region.elements());
    }
    return parameters;
  }

  private static int start(Map<String, WeightRegion> canonical, WeightRegion region) {
    WeightRegion parameter = canonical.get(region.parameter());
    return (int) parameter.offset() + region.firstRow() * region.columns();
  }

  private static Map<String, WeightRegion> byName(List<WeightRegion> regions) {
    Map<String, WeightRegion> names = new HashMap<>();
    regions.forEach(region -> names.put(region.parameter(), region));
    return names;
  }
}
