package dev.tandem.benchmarks;

import dev.tandem.engine.RecurrentCell;

/** The GRU layer. */
public class GruBenchmark extends CellBenchmark {
  @Override
  RecurrentCell cell() {
    return RecurrentCell.GRU;
  }
}
