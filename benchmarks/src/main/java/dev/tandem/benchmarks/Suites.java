package dev.tandem.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs JMH with its gc profiler and fails if a benchmark allocates: in the steady state no run of
 * any case makes an object.
 *
 * <p>Arguments: JMH's own. The results are written to {@code jmh.json} unless {@code -rff} says
 * otherwise.
 */
public final class Suites {
  private static final String PROFILE = "gc.alloc.rate.norm";

  /**
   * What JMH itself allocates in an iteration, whatever it runs, with some room: 7 kB were seen. An
   * allocation in each run is found where an iteration has more runs than this has bytes over 16,
   * which an object takes at least; in slower cases, where it is larger than this over the runs.
   */
  private static final double BYTES_OF_AN_ITERATION = 16384;

  private Suites() {}

  /** Runs what the arguments select. */
  public static void main(String[] arguments) throws Exception {
    System.exit(run(arguments, System.err));
  }

  /**
   * Runs what the arguments select.
   *
   * @return the exit code: 0, or 1 if a benchmark allocates or failed, or 2 for wrong arguments;
   *     then {@code err} was told why
   */
  static int run(String[] arguments, PrintStream err) throws RunnerException {
    CommandLineOptions given;
    try {
      given = new CommandLineOptions(arguments);
    } catch (CommandLineOptionException wrong) {
      err.println("suites: " + wrong.getMessage() + " (-h lists JMH's options)");
      return 2;
    }
    List<String> information = List.of("-h", "-l", "-lp", "-lprof", "-lrf");
    if (Arrays.stream(arguments).anyMatch(information::contains)) {
      err.println("suites: runs benchmarks alone (org.openjdk.jmh.Main has the options -h and -l)");
      return 2;
    }
    OptionsBuilder options = new OptionsBuilder();
    options.parent(given).addProfiler(GCProfiler.class).shouldFailOnError(true);
    if (!given.getResult().hasValue()) {
      options.result("jmh.json");
    }
    if (!given.getResultFormat().hasValue()) {
      options.resultFormat(ResultFormatType.JSON);
    }
    List<String> allocating = allocating(new Runner(options.build()).run());
    allocating.forEach(line -> err.println("suites: " + line));
    return allocating.isEmpty() ? 0 : 1;
  }

  /** Returns a line for each benchmark that allocates. */
  private static List<String> allocating(Collection<RunResult> results) {
    List<String> lines = new ArrayList<>();
    for (RunResult result : results) {
      double bytes = bytesOfAnIteration(result);
      if (!(bytes <= BYTES_OF_AN_ITERATION)) {
        lines.add(
            String.format(
                Locale.ROOT,
                "%s allocates %.1f bytes a run (expected 0: look for a vector that is no constant"
                    + " of its method, or a lambda)",
                describe(result.getParams()),
                result.getSecondaryResults().get(PROFILE).getScore()));
      }
    }
    return lines;
  }

  /**
   * The median of the iterations: in an early one the last compilation may not have happened yet.
   */
  private static double bytesOfAnIteration(RunResult result) {
    List<Double> bytes = new ArrayList<>();
    for (BenchmarkResult fork : result.getBenchmarkResults()) {
      for (IterationResult iteration : fork.getIterationResults()) {
        double perRun = iteration.getSecondaryResults().get(PROFILE).getScore();
        bytes.add(perRun * iteration.getMetadata().getMeasuredOps());
      }
    }
    bytes.sort(null);
    return bytes.get(bytes.size() / 2);
  }

  private static String describe(BenchmarkParams params) {
    StringBuilder text =
        new StringBuilder(params.getBenchmark().replaceFirst(".*\\.(\\w+)Benchmark.run$", "$1"));
    for (String key : params.getParamsKeys()) {
      text.append(' ').append(key).append('=').append(params.getParam(key));
    }
    return text.toString();
  }
}
