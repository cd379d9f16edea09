package dev.tandem.models.selftest;

import dev.tandem.engine.Hyperparameters;
import dev.tandem.engine.Optimizers;
import dev.tandem.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Update rules, three steps each, and clipping. */
final class OptimizerChecks {
  private static final List<Integer> SIZES = List.of(1, 7, 32, 257, 70_001);

  private OptimizerChecks() {}

  /** Updates weights by gradients; the states are as many as the rule has. */
  private interface Rule {
    void apply(Optimizers family, Tensor hyper, Tensor weights, Tensor gradients, Tensor[] states);
  }

  static List<Check> all() {
    List<Check> checks = new ArrayList<>();
    for (int size : SIZES) {
      checks.add(rule("sgd", size, (o, h, w, g, s) -> o.sgd(false, h, w, g, s[0])));
      checks.add(rule("sgd Nesterov", size, (o, h, w, g, s) -> o.sgd(true, h, w, g, s[0])));
      checks.add(rule("rmsProp", size, (o, h, w, g, s) -> o.rmsProp(h, w, g, s[1], s[0])));
      checks.add(rule("adagrad", size, (o, h, w, g, s) -> o.adagrad(h, w, g, s[1])));
      checks.add(rule("adam", size, (o, h, w, g, s) -> o.adam(false, h, w, g, s[0], s[1])));
      checks.add(rule("adamW", size, (o, h, w, g, s) -> o.adam(true, h, w, g, s[0], s[1])));
      checks.add(
          new Check(
              "clipByValue, clipByNorm " + size,
              size,
              bench -> {
                Optimizers family = bench.backend().optimizers();
                family.clipByValue(0.5, bench.compared(bench.random(size)));
                family.clipByNorm(0.5, bench.compared(bench.random(size)), bench.result(1));
              }));
    }
    return checks;
  }

  private static Check rule(String name, int size, Rule rule) {
    return new Check(
        name + " " + size,
        24,
        bench -> {
          Tensor hyper = bench.given(hyper(), Hyperparameters.LENGTH);
          Tensor weights = bench.compared(bench.random(size));
          Tensor[] states = {
            bench.compared(bench.random(size)), bench.compared(bench.positive(size))
          };
          for (int step = 0; step < 3; step++) {
            rule.apply(bench.backend().optimizers(), hyper, weights, bench.random(size), states);
          }
        });
  }

  /** Numbers that FLOAT32 holds. */
  private static double[] hyper() {
    double[] hyper = new double[Hyperparameters.LENGTH];
    hyper[Hyperparameters.STEP_SIZE] = 0x1p-6;
    hyper[Hyperparameters.WEIGHT_DECAY] = 0x1p-4;
    hyper[Hyperparameters.EPSILON] = 0x1p-20;
    hyper[Hyperparameters.MOMENTUM] = 0.875;
    hyper[Hyperparameters.DECAY1] = 0.875;
    hyper[Hyperparameters.COMPLEMENT1] = 0.125;
    hyper[Hyperparameters.DECAY2] = 0.96875;
    hyper[Hyperparameters.COMPLEMENT2] = 0.03125;
    hyper[Hyperparameters.ROOT_CORRECTION2] = 1.25;
    return hyper;
  }
}
