package dev.tandem.engine.conformance;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Hyperparameters;
import dev.tandem.engine.Optimizers;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;

/** The update rules of {@link Optimizers} with their variants. */
enum UpdateRule {
  SGD("sgd", false, false),
  SGD_MOMENTUM("sgd", true, false),
  SGD_NESTEROV("sgd", true, false),
  RMS_PROP("rmsProp", false, true),
  RMS_PROP_MOMENTUM("rmsProp", true, true),
  ADAGRAD("adagrad", false, true),
  ADAM("adam", true, true),
  ADAM_W("adam", true, true);

  private final String method;
  private final boolean hasFirst;
  private final boolean hasSecond;

  UpdateRule(String method, boolean hasFirst, boolean hasSecond) {
    this.method = method;
    this.hasFirst = hasFirst;
    this.hasSecond = hasSecond;
  }

  boolean isDecoupled() {
    return this == ADAM_W;
  }

  /**
   * Describes steps one after the other.
   *
   * @param hypers the hyper-parameters of each step
   * @param before the weights before the first step
   * @param gradients the gradients of each step
   * @param first the velocity or moment before the first step
   * @param second the squares before the first step
   */
  Call steps(
      DataType type,
      double[][] hypers,
      double[] before,
      double[][] gradients,
      double[] first,
      double[] second) {
    Tolerance t = Tolerance.of(type);
    OptimizersOracle[] states = new OptimizersOracle[before.length];
    for (int i = 0; i < states.length; i++) {
      states[i] =
          new OptimizersOracle(
              t.exact(before[i]),
              hasFirst ? t.exact(first[i]) : null,
              hasSecond ? t.exact(second[i]) : null);
      for (int step = 0; step < hypers.length; step++) {
        states[i] = next(states[i], t.rounded(hypers[step]), t.exact(gradients[step][i]));
      }
    }
    return call(type, hypers, before, gradients, first, second, states);
  }

  private OptimizersOracle next(OptimizersOracle state, Bounded[] hyper, Bounded gradient) {
    return switch (this) {
      case SGD, SGD_MOMENTUM, SGD_NESTEROV -> state.sgd(this == SGD_NESTEROV, hyper, gradient);
      case RMS_PROP, RMS_PROP_MOMENTUM -> state.rmsProp(hyper, gradient);
      case ADAGRAD -> state.adagrad(hyper, gradient);
      case ADAM, ADAM_W -> state.adam(isDecoupled(), hyper, gradient);
    };
  }

  private Call call(
      DataType type,
      double[][] hypers,
      double[] before,
      double[][] gradients,
      double[] first,
      double[] second,
      OptimizersOracle[] states) {
    Call call = new Call(method, isDecoupled() ? "adamW" : method, type);
    Shape shape = Shape.of(before.length);
    Operand[] hyper = new Operand[hypers.length];
    Operand[] gradient = new Operand[hypers.length];
    hyper[0] = hyper(call, hypers[0]);
    Operand weights =
        call.updated(
                "weights", shape, before, Oracle.indexed(states.length, i -> states[i].weight()))
            .defining();
    gradient[0] = call.input("gradients", shape, gradients[0]);
    Operand one =
        hasFirst
            ? call.updated(
                method.equals("adam") ? "moments" : "velocity",
                shape,
                first,
                Oracle.indexed(states.length, i -> states[i].first()))
            : null;
    Operand two =
        hasSecond
            ? call.updated(
                "squares", shape, second, Oracle.indexed(states.length, i -> states[i].second()))
            : null;
    if (one != null && !method.equals("adam")) {
      one.optional();
    }
    for (int step = 1; step < hypers.length; step++) {
      hyper[step] = hyper(call, hypers[step]);
      gradient[step] = call.input("gradients", shape, gradients[step]);
    }
    return call.of(
        b -> {
          for (int step = 0; step < hyper.length; step++) {
            update(
                b.optimizers(),
                hyper[step].tensor(),
                weights.tensor(),
                gradient[step].tensor(),
                one == null ? null : one.tensor(),
                two == null ? null : two.tensor());
          }
        });
  }

  private static Operand hyper(Call call, double[] values) {
    return call.input("hyper", Shape.of(Hyperparameters.LENGTH), values);
  }

  private void update(
      Optimizers optimizers,
      Tensor hyper,
      Tensor weights,
      Tensor gradients,
      Tensor first,
      Tensor second) {
    switch (this) {
      case SGD, SGD_MOMENTUM -> optimizers.sgd(false, hyper, weights, gradients, first);
      case SGD_NESTEROV -> optimizers.sgd(true, hyper, weights, gradients, first);
      case RMS_PROP, RMS_PROP_MOMENTUM ->
          optimizers.rmsProp(hyper, weights, gradients, second, first);
      case ADAGRAD -> optimizers.adagrad(hyper, weights, gradients, second);
      case ADAM -> optimizers.adam(false, hyper, weights, gradients, first, second);
      case ADAM_W -> optimizers.adam(true, hyper, weights, gradients, first, second);
    }
  }
}
