package dev.tandem.benchmarks.roofline;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Replayable;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a device can do at most, measured through its own backend: products of large matrices for
 * the peak of arithmetic, copies for the bandwidth, and operations on next to nothing for what a
 * call costs.
 *
 * @param roofs peak and bandwidth
 * @param callSeconds of an operation that is called, many in a row
 * @param replayedCallSeconds of an operation within a captured step that is replayed
 * @param replaySeconds of the host, for one replay of {@value #CALLS} operations
 */
public record DeviceLimits(
    Machine roofs, double callSeconds, double replayedCallSeconds, double replaySeconds) {
  static final int CALLS = 100;

  /** Rows, columns and length of the sums: 1.1e12 operations, on any GPU long enough to count. */
  private static final int SIDE = 8192;

  /** Bytes read and written; the last is larger than any cache. */
  private static final List<Long> WORKING_SETS =
      List.of(16L << 20, 64L << 20, 256L << 20, 1L << 30);

  private static final int TURNS = 7;
  private static final int COPIES = 20;
  private static final int TINY = 32;
  private static final double NANOSECONDS = 1e9;

  /** Measures; it takes a few seconds and 1 GiB of the device's memory. */
  public static DeviceLimits measure(Backend backend) {
    return measure(backend, SIDE, WORKING_SETS);
  }

  static DeviceLimits measure(Backend backend, int side, List<Long> workingSets) {
    List<Machine.Bandwidth> bandwidth = new ArrayList<>();
    for (long bytes : workingSets) {
      bandwidth.add(new Machine.Bandwidth(bytes, bytes / copySeconds(backend, bytes)));
    }
    double peak = 2.0 * side * side * side / productSeconds(backend, side);
    Machine roofs = new Machine(1, peak, Machine.withoutDips(bandwidth));
    MemoryPlan plan = new MemoryPlan();
    MemoryPlan.Slot slot = plan.add(MemoryKind.IO, "x", DataType.FLOAT32, Shape.of(TINY));
    try (TensorArena arena = backend.allocate(plan)) {
      Tensor x = arena.tensor(slot);
      Runnable calls =
          () -> {
            for (int i = 0; i < CALLS; i++) {
              backend.elementwise().scale(1, x, x);
            }
          };
      double called = seconds(backend, calls) / CALLS;
      Replayable captured = backend.capture(calls);
      double replayed = seconds(backend, captured::replay) / CALLS;
      return new DeviceLimits(roofs, called, replayed, hostSeconds(backend, captured));
    }
  }

  private static double copySeconds(Backend backend, long bytes) {
    MemoryPlan plan = new MemoryPlan();
    Shape half = Shape.of(Math.toIntExact(bytes / 2 / Float.BYTES));
    MemoryPlan.Slot from = plan.add(MemoryKind.IO, "from", DataType.FLOAT32, half);
    MemoryPlan.Slot to = plan.add(MemoryKind.IO, "to", DataType.FLOAT32, half);
    try (TensorArena arena = backend.allocate(plan)) {
      Tensor source = arena.tensor(from);
      Tensor target = arena.tensor(to);
      Runnable copies =
          () -> {
            for (int i = 0; i < COPIES; i++) {
              backend.transfers().copy(source, target);
            }
          };
      return seconds(backend, copies) / COPIES;
    }
  }

  private static double productSeconds(Backend backend, int side) {
    MemoryPlan plan = new MemoryPlan();
    List<MemoryPlan.Slot> slots = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      slots.add(plan.add(MemoryKind.IO, name, DataType.FLOAT32, Shape.of(side, side)));
    }
    try (TensorArena arena = backend.allocate(plan)) {
      List<Tensor> tensors = slots.stream().map(arena::tensor).toList();
      // Products of zeros take less power, and so a higher clock, than any real ones.
      float[] row = new float[side * side];
      for (int i = 0; i < row.length; i++) {
        row[i] = i * 37 % 101 / 101f - 0.5f;
      }
      backend.transfers().upload(row, 0, tensors.get(0));
      backend.transfers().upload(row, 0, tensors.get(1));
      GemmSpec spec = GemmSpec.of(side, side, side);
      return seconds(
          backend,
          () ->
              backend.gemm().multiply(spec, tensors.get(0), tensors.get(1), null, tensors.get(2)));
    }
  }

  /** Returns the seconds of the fastest of several turns, until the device has finished. */
  private static double seconds(Backend backend, Runnable work) {
    double best = Double.POSITIVE_INFINITY;
    for (int turn = 0; turn < TURNS; turn++) {
      backend.synchronize();
      long begin = System.nanoTime();
      work.run();
      backend.synchronize();
      best = Math.min(best, (System.nanoTime() - begin) / NANOSECONDS);
    }
    return best;
  }

  /** Returns the median seconds until the call that replays returns, the device being idle. */
  private static double hostSeconds(Backend backend, Replayable step) {
    double[] seconds = new double[CALLS];
    for (int i = 0; i < seconds.length; i++) {
      backend.synchronize();
      long begin = System.nanoTime();
      step.replay();
      seconds[i] = (System.nanoTime() - begin) / NANOSECONDS;
    }
    backend.synchronize();
    Arrays.sort(seconds);
    return seconds[seconds.length / 2];
  }
}
