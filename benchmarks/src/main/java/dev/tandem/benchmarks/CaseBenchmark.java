package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.Prepared;
import dev.tandem.benchmarks.cases.Verification;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One case on one backend, in microseconds for each run, which ends when the backend has finished.
 * Before it is timed its result is compared with that of the oracle on the same numbers.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class CaseBenchmark {
  /** The backend that is measured. */
  @Param("cpu")
  public String backend;

  /** Its threads. */
  @Param({"1", "2"})
  public int threads;

  private Prepared prepared;

  /** Returns what is measured, by the parameters. */
  abstract Case measured();

  /** Opens the backend and checks the result. */
  @Setup
  public void open() {
    prepared = measured().prepare(backend, threads);
    Verification.check(measured(), backend, prepared);
  }

  /** Closes the backend. */
  @TearDown
  public void close() {
    prepared.close();
  }

  /** Runs the case once. */
  @Benchmark
  public void run() {
    prepared.run();
  }
}
