package dev.tandem.models.cli;

import dev.tandem.datasets.Nearest;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.BackendProvider;
import dev.tandem.engine.Backends;
import dev.tandem.engine.MathMode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that choose the engine, the same for every command that computes. */
final class BackendChoice {
  /** The names that {@code --backend} takes: those on the class path. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return names().iterator();
    }
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--backend",
      paramLabel = "ID",
      defaultValue = Backends.AUTO,
      completionCandidates = Names.class,
      description = "The engine: ${COMPLETION-CANDIDATES}. 'auto' takes the best that is there.")
  private String backend;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads; results do not depend on it (default: one for each processor).")
  private Integer threads;

  @Option(
      names = "--math",
      paramLabel = "MODE",
      defaultValue = "fp32",
      description = "The arithmetic of matrix products: fp32, tf32, bf16.")
  private MathMode math;

  /** Opens the engine. */
  Backend open() {
    if (!names().contains(backend)) {
      throw new ParameterException(
          command.commandLine(), Nearest.unknown("backend", backend, names()));
    }
    return open(backend, threads == null ? BackendOptions.defaults().threads() : threads(), math);
  }

  private int threads() {
    try {
      return new BackendOptions(threads, math).threads();
    } catch (IllegalArgumentException outOfRange) {
      throw new ParameterException(command.commandLine(), "--" + outOfRange.getMessage());
    }
  }

  /** Opens the engine that a run was trained on. */
  static Backend open(String id, int threads, MathMode math) {
    return Backends.open(id, new BackendOptions(threads, math));
  }

  /** Returns the names that are taken. */
  static List<String> names() {
    List<String> names = new ArrayList<>(List.of(Backends.AUTO));
    Backends.providers().stream().map(BackendProvider::id).forEach(names::add);
    return names;
  }
}
