package dev.tandem.benchmarks;

import dev.tandem.engine.RecurrentCell;

/** The plain recurrent layer. */
public class RnnBenchmark extends CellBenchmark {
  @Override
  RecurrentCell cell() {
    return RecurrentCell.RNN_TANH;
  }
}
