package dev.tandem.models.selftest;

import dev.tandem.engine.Backend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs all checks of a backend against the scalar one. */
public final class SelfTest {
  /**
   * What came of one group of checks.
   *
   * @param name of the operation family, or of the network that was trained
   * @param checks how many there were
   * @param error the largest error as a part of what is allowed; above 1 is wrong, as NaN is
   * @param failed the checks that went wrong, each with what is wrong
   */
  public record Result(String name, int checks, double error, List<String> failed) {}

  /** Is told each result as soon as it is there. */
  @FunctionalInterface
  public interface Listener {
    /** Takes a result. */
    void done(Result result);
  }

  private final Backend subject;
  private final Backend oracle;

  /**
   * Makes a test.
   *
   * @param subject what is tested
   * @param oracle computes in FLOAT64 too, as {@code scalar} does
   */
  public SelfTest(Backend subject, Backend oracle) {
    this.subject = subject;
    this.oracle = oracle;
  }

  /** Returns the checks by operation family, in the order in which they are run. */
  static Map<String, List<Check>> families() {
    Map<String, List<Check>> families = new LinkedHashMap<>();
    families.putAll(ArithmeticChecks.families());
    families.putAll(LayerChecks.families());
    families.putAll(PictureChecks.families());
    families.put("recurrent", RecurrentChecks.all());
    families.put("optimizers", OptimizerChecks.all());
    return families;
  }

  /**
   * Runs every check.
   *
   * @return the results in order
   */
  public List<Result> run(Listener listener) {
    List<Result> results = new ArrayList<>();
    families().forEach((name, checks) -> add(results, run(name, checks), listener));
    for (TrainingCheck check : TrainingCheck.all()) {
      add(results, check.run(subject, oracle), listener);
    }
    return results;
  }

  private static void add(List<Result> results, Result result, Listener listener) {
    results.add(result);
    listener.done(result);
  }

  /**
   * Runs one family. What a check throws is its failure: the others are to be seen all the same.
   */
  Result run(String name, List<Check> checks) {
    double worst = 0;
    List<String> failed = new ArrayList<>();
    for (Check check : checks) {
      try {
        double error = check.error(subject, oracle);
        worst = Math.max(worst, error);
        if (!(error <= 1)) {
          failed.add("%s: error %.3g of what is allowed".formatted(check.name(), error));
        }
      } catch (RuntimeException broken) {
        failed.add("%s: %s".formatted(check.name(), broken.getMessage()));
      }
    }
    return new Result(name, checks.size(), worst, List.copyOf(failed));
  }
}
