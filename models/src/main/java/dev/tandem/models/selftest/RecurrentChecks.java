package dev.tandem.models.selftest;

import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.WeightRegion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Recurrent layers: every cell, layers, both directions, sequences of several lengths. */
final class RecurrentChecks {
  private RecurrentChecks() {}

  static List<Check> all() {
    List<Check> checks = new ArrayList<>();
    for (RecurrentCell cell : RecurrentCell.values()) {
      checks.add(check(spec(cell, 1, 1, 1, 1, 1, false), false));
      checks.add(check(spec(cell, 5, 3, 4, 7, 1, false), true));
      checks.add(check(spec(cell, 6, 4, 8, 16, 2, false), false));
      checks.add(check(spec(cell, 7, 5, 3, 12, 1, true), true));
      checks.add(check(spec(cell, 4, 6, 20, 32, 2, true), true));
    }
    return checks;
  }

  private static RecurrentSpec spec(
      RecurrentCell cell, int time, int batch, int input, int hidden, int layers, boolean both) {
    return new RecurrentSpec(cell, time, batch, input, hidden, layers, both, 0, 0, true);
  }

  private static Check check(RecurrentSpec spec, boolean lengths) {
    int terms =
        spec.time() * spec.layers() * (spec.inputSize() + 2 * spec.hiddenSize())
            + spec.time() * spec.batch();
    return new Check(
        "%s T%d N%d I%d H%d L%d D%d%s"
            .formatted(
                spec.cell(),
                spec.time(),
                spec.batch(),
                spec.inputSize(),
                spec.hiddenSize(),
                spec.layers(),
                spec.directions(),
                lengths ? " with lengths" : ""),
        terms,
        bench -> run(bench, spec, lengths));
  }

  private static void run(Bench bench, RecurrentSpec spec, boolean withLengths) {
    Recurrent family = bench.backend().recurrent();
    Recurrent.Plan plan = family.plan(spec);
    boolean cells = spec.cell().hasCellState();
    int[] input = {spec.time(), spec.batch(), spec.inputSize()};
    int[] output = {spec.time(), spec.batch(), spec.hiddenSize() * spec.directions()};
    int[] state = {spec.layers() * spec.directions(), spec.batch(), spec.hiddenSize()};
    Recurrent.Forward forward =
        new Recurrent.Forward(
            bench.random(input),
            withLengths ? bench.integers(lengths(spec)) : null,
            bench.random(state),
            cells ? bench.random(state) : null,
            bench.given(weights(bench, plan), Math.toIntExact(plan.weightElements())),
            null,
            bench.result(output),
            bench.result(state),
            cells ? bench.result(state) : null,
            bench.scratch(plan.workspaceElements()),
            bench.scratch(plan.reserveElements()));
    Tensor dweights = bench.given(weights(bench, plan), Math.toIntExact(plan.weightElements()));
    bench.compared(() -> canonical(spec, plan, bench.download(dweights)));
    Recurrent.Backward backward =
        new Recurrent.Backward(
            forward,
            bench.random(output),
            bench.random(state),
            cells ? bench.random(state) : null,
            bench.result(input),
            bench.result(state),
            cells ? bench.result(state) : null,
            dweights);
    family.forward(plan, forward);
    family.backwardData(plan, backward);
    family.backwardWeights(plan, backward);
  }

  /** From T down, at least 1. */
  private static int[] lengths(RecurrentSpec spec) {
    int[] lengths = new int[spec.batch()];
    Arrays.setAll(lengths, n -> Math.max(1, spec.time() - n));
    return lengths;
  }

  /** Draws every parameter and lays it out as the plan's backend does. */
  private static double[] weights(Bench bench, Recurrent.Plan plan) {
    Map<String, double[]> parameters = new LinkedHashMap<>();
    double scale = 1 / Math.sqrt(plan.spec().hiddenSize());
    for (WeightRegion whole : WeightRegion.wholeParameters(plan.spec())) {
      double[] numbers = bench.numbers(whole.elements());
      parameters.put(
          whole.parameter(), Arrays.stream(numbers).map(x -> (float) (scale * x)).toArray());
    }
    double[] block = new double[Math.toIntExact(plan.weightElements())];
    for (WeightRegion region : plan.regions()) {
      System.arraycopy(
          parameters.get(region.parameter()),
          region.firstRow() * region.columns(),
          block,
          Math.toIntExact(region.offset()),
          Math.toIntExact(region.elements()));
    }
    return block;
  }

  /** Returns a block of the plan's layout in the canonical one. */
  private static double[] canonical(RecurrentSpec spec, Recurrent.Plan plan, double[] block) {
    List<WeightRegion> parameters = WeightRegion.wholeParameters(spec);
    double[] canonical = new double[Math.toIntExact(WeightRegion.end(parameters))];
    for (WeightRegion whole : parameters) {
      for (WeightRegion region : plan.regions()) {
        if (region.parameter().equals(whole.parameter())) {
          System.arraycopy(
              block,
              Math.toIntExact(region.offset()),
              canonical,
              Math.toIntExact(whole.offset()) + region.firstRow() * region.columns(),
              Math.toIntExact(region.elements()));
        }
      }
    }
    return canonical;
  }
}
