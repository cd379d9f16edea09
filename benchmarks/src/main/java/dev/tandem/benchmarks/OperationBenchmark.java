package dev.tandem.benchmarks;

import dev.tandem.engine.Tensor;
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
 * One operation on one backend, in microseconds for each call. Before it is timed its result is
 * compared with that of the oracle on the same numbers.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class OperationBenchmark {
  /** The backend that is measured. */
  @Param("cpu")
  public String backend;

  /** Its threads. */
  @Param({"1", "2"})
  public int threads;

  private Bench bench;
  private Call call;

  /**
   * An operation on tensors that are bound.
   *
   * @param operation runs it
   * @param result what it writes
   */
  protected record Call(Runnable operation, Tensor result) {}

  /** Takes tensors and binds the operation to them; the same numbers on every backend. */
  abstract Call prepare(Bench onBackend);

  /** Opens the backend and checks the operation. */
  @Setup
  public void open() {
    bench = new Bench(backend, threads);
    call = prepare(bench);
    call.operation().run();
    try (Bench oracle = new Bench("scalar", 1)) {
      Call expected = prepare(oracle);
      expected.operation().run();
      Bench.check(
          getClass().getSimpleName(),
          bench.values(call.result()),
          oracle.values(expected.result()));
    }
  }

  /** Closes the backend. */
  @TearDown
  public void close() {
    bench.close();
  }

  /** Runs the operation once. */
  @Benchmark
  public void run() {
    call.operation().run();
  }
}
