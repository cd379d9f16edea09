package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.ElementCases;
import org.openjdk.jmh.annotations.Param;

/** Look-up of the tokens of a batch of sentences. */
public class EmbeddingBenchmark extends CaseBenchmark {
  /** Tokens, rows of the table, length of a vector. */
  @Param({"1600x10000x64", "37x101x13"})
  public String shape;

  @Override
  Case measured() {
    return ElementCases.embedding(shape);
  }
}
