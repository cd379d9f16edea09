package dev.tandem.benchmarks;

import dev.tandem.engine.RecurrentCell;

/** The LSTM layer. */
public class LstmBenchmark extends CellBenchmark {
  @Override
  RecurrentCell cell() {
    return RecurrentCell.LSTM;
  }
}
