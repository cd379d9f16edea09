package dev.tandem.engine.conformance;

import static dev.tandem.engine.Hyperparameters.COMPLEMENT1;
import static dev.tandem.engine.Hyperparameters.COMPLEMENT2;
import static dev.tandem.engine.Hyperparameters.DECAY1;
import static dev.tandem.engine.Hyperparameters.DECAY2;
import static dev.tandem.engine.Hyperparameters.EPSILON;
import static dev.tandem.engine.Hyperparameters.MOMENTUM;
import static dev.tandem.engine.Hyperparameters.ROOT_CORRECTION2;
import static dev.tandem.engine.Hyperparameters.STEP_SIZE;
import static dev.tandem.engine.Hyperparameters.WEIGHT_DECAY;

/**
 * The formulas of {@link dev.tandem.engine.Optimizers} for one weight.
 *
 * @param weight w
 * @param first the velocity of SGD and RMSProp, the moment of Adam; null for none
 * @param second the mean or sum of squares; null for none
 */
record OptimizersOracle(Bounded weight, Bounded first, Bounded second) {

  private Bounded decayed(Bounded[] h, Bounded gradient) {
    return gradient.plus(h[WEIGHT_DECAY].times(weight));
  }

  OptimizersOracle sgd(boolean nesterov, Bounded[] h, Bounded gradient) {
    Bounded g = decayed(h, gradient);
    if (first == null) {
      return new OptimizersOracle(weight.minus(h[STEP_SIZE].times(g)), null, null);
    }
    Bounded v = h[MOMENTUM].times(first).plus(g);
    Bounded direction = nesterov ? g.plus(h[MOMENTUM].times(v)) : v;
    return new OptimizersOracle(weight.minus(h[STEP_SIZE].times(direction)), v, null);
  }

  OptimizersOracle rmsProp(Bounded[] h, Bounded gradient) {
    Bounded g = decayed(h, gradient);
    Bounded s = h[DECAY2].times(second).plus(h[COMPLEMENT2].times(g.squared()));
    Bounded u = g.over(s.root().plus(h[EPSILON]));
    Bounded v = first == null ? null : h[MOMENTUM].times(first).plus(u);
    Bounded direction = first == null ? u : v;
    return new OptimizersOracle(weight.minus(h[STEP_SIZE].times(direction)), v, s);
  }

  OptimizersOracle adagrad(Bounded[] h, Bounded gradient) {
    Bounded g = decayed(h, gradient);
    Bounded s = second.plus(g.squared());
    Bounded step = h[STEP_SIZE].times(g).over(s.root().plus(h[EPSILON]));
    return new OptimizersOracle(weight.minus(step), null, s);
  }

  OptimizersOracle adam(boolean decoupled, Bounded[] h, Bounded gradient) {
    Bounded w = decoupled ? h[WEIGHT_DECAY].times(weight) : weight;
    Bounded g = decoupled ? gradient : decayed(h, gradient);
    Bounded m = h[DECAY1].times(first).plus(h[COMPLEMENT1].times(g));
    Bounded s = h[DECAY2].times(second).plus(h[COMPLEMENT2].times(g.squared()));
    Bounded scale = s.root().times(h[ROOT_CORRECTION2]).plus(h[EPSILON]);
    return new OptimizersOracle(w.minus(h[STEP_SIZE].times(m).over(scale)), m, s);
  }
}
