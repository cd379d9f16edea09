package dev.tandem.benchmarks.tour;

import dev.tandem.benchmarks.cases.Suite;
import dev.tandem.benchmarks.timing.Turns;

/** How long is measured. */
enum Effort {
  /** A minute for all. */
  TOUR(15, 0.008, 0.2, 0.6, 0.4),
  /** Medians that can be published from a quiet machine. */
  THOROUGH(25, 0.01, 0.75, 3, 2);

  /** The oracle is shown for its distance, not for its speed. */
  static final Turns ORACLE = new Turns(3, 0.02, 0, 0.2);

  private final int turns;
  private final double turnSeconds;
  private final double warmUp;
  private final double warmUpOfSteps;
  private final double most;

  Effort(int turns, double turnSeconds, double warmUp, double warmUpOfSteps, double most) {
    this.turns = turns;
    this.turnSeconds = turnSeconds;
    this.warmUp = warmUp;
    this.warmUpOfSteps = warmUpOfSteps;
    this.most = most;
  }

  /** A step compiles many kernels, and alternating with a peer needs turns that fill its caches. */
  Turns turns(Suite suite) {
    boolean step = suite == Suite.STEPS;
    return new Turns(
        turns, step ? 3 * turnSeconds : turnSeconds, step ? warmUpOfSteps : warmUp, most);
  }
}
