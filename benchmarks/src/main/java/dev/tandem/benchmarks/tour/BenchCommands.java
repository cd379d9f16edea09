package dev.tandem.benchmarks.tour;

import dev.tandem.models.cli.CommandProvider;
import java.util.List;

/** Brings {@code bench} to the command line. */
public final class BenchCommands implements CommandProvider {
  /** Made by the service loader. */
  public BenchCommands() {}

  @Override
  public List<Class<?>> commands() {
    return List.of(BenchCommand.class);
  }
}
