package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.CellCases;
import dev.tandem.engine.RecurrentCell;
import org.openjdk.jmh.annotations.Param;

/** A recurrent layer over a batch of sequences with 64 features. */
public abstract class CellBenchmark extends CaseBenchmark {
  private static final int INPUTS = 64;

  /** N. */
  @Param({"32", "64", "1", "7"})
  public int batch;

  /** T. */
  @Param("50")
  public int time;

  /** H. */
  @Param({"128", "256", "61"})
  public int hidden;

  /** How far it goes: a backward pass needs the forward pass before it. */
  @Param({"FORWARD", "INPUTS", "TRAINING"})
  public CellCases.Pass pass;

  /** Returns the cell. */
  abstract RecurrentCell cell();

  @Override
  Case measured() {
    return CellCases.layer(cell(), batch, time, INPUTS, hidden, pass);
  }
}
