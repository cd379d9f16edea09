package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.StepCase;
import org.openjdk.jmh.annotations.Param;

/** Training steps: forward, cross-entropy, backward, Adam. */
public class StepBenchmark extends CaseBenchmark {
  /** The name of the step. */
  @Param({
    "mlp-n128",
    "mlp-n32",
    "cnn-n64-s28",
    "lstm-n32-t50-h128",
    "gru-n32-t50-h128",
    "rnn-n32-t50-h128",
    "lstm-n64-t50-h256",
    "gru-n64-t50-h256",
    "rnn-n64-t50-h256",
    "lstm-n1-t50-h128",
    "gru-n1-t50-h128",
    "rnn-n1-t50-h128"
  })
  public String step;

  @Override
  Case measured() {
    return StepCase.named(step);
  }
}
