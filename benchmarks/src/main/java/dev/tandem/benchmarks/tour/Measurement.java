package dev.tandem.benchmarks.tour;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.Prepared;
import dev.tandem.benchmarks.cases.Suite;
import dev.tandem.benchmarks.cases.Verification;
import dev.tandem.benchmarks.roofline.Machine;
import dev.tandem.benchmarks.roofline.Placement;
import dev.tandem.benchmarks.timing.Allocation;
import dev.tandem.benchmarks.timing.Turns;
import dev.tandem.engine.BackendOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Measures cases on backends, each after its result was compared with the oracle's.
 *
 * @param backends ids, in the order in which they are shown
 * @param options of the backends: threads of those that have more than one, and arithmetic
 * @param limits of the processor, by the number of threads
 * @param device of the device; null if it is not among the backends
 * @param peers opened; asked for a counterpart on every processor backend but the oracle
 * @param effort how long
 */
record Measurement(
    List<String> backends,
    BackendOptions options,
    Map<Integer, Machine> limits,
    Machine device,
    List<Peer> peers,
    Effort effort) {
  /** The backend with limits of its own. */
  static final String CUDA = "cuda";

  private static final double ALLOCATION_SECONDS = 0.05;
  private static final int MOST_ALLOCATION_RUNS = 1000;

  /**
   * Measures one case everywhere.
   *
   * @param to is given each row at once
   */
  void measure(Case of, Consumer<Row> to) {
    if (of.suite() == Suite.LARGE) {
      backends.forEach(backend -> measureAlone(of, backend, to));
      return;
    }
    try (Prepared oracle = of.prepare(Verification.ORACLE, 1)) {
      float[] expected = oracle.checked();
      for (String backend : backends) {
        if (backend.equals(Verification.ORACLE)) {
          Turns.Time time = Effort.ORACLE.measure(oracle::run);
          to.accept(row(of, backend, 1, time, oracle, null));
        } else {
          measure(of, backend, expected, to);
        }
      }
    }
  }

  /** Measures what checks itself: that its loss falls. */
  private void measureAlone(Case of, String backend, Consumer<Row> to) {
    try (Prepared ours = of.prepare(backend, options)) {
      ours.checked();
      Turns.Time time = effort.turns(of.suite()).measure(ours::run);
      to.accept(row(of, backend, options.threads(), time, ours, null));
    }
  }

  private void measure(Case of, String backend, float[] expected, Consumer<Row> to) {
    List<Peer> able = new ArrayList<>(backend.equals(CUDA) ? List.of() : peers);
    able.removeIf(peer -> !compare(of, backend, peer, expected, to));
    if (able.isEmpty()) {
      try (Prepared ours = of.prepare(backend, options)) {
        Verification.check(of.name() + " on " + backend, ours.checked(), expected, options.math());
        Turns.Time time = effort.turns(of.suite()).measure(ours::run);
        to.accept(row(of, backend, options.threads(), time, ours, null));
      }
    }
  }

  /** Returns false if the peer does not do such a case. */
  private boolean compare(Case of, String backend, Peer peer, float[] expected, Consumer<Row> to) {
    try (Prepared ours = of.prepare(backend, options)) {
      Optional<Prepared> counterpart = peer.prepare(of, ours);
      if (counterpart.isEmpty()) {
        return false;
      }
      try (Prepared theirs = counterpart.get()) {
        Verification.check(of.name() + " on " + backend, ours.checked(), expected, options.math());
        Verification.check(of.name() + " in " + peer.name(), theirs.checked(), expected);
        Turns.Comparison both = effort.turns(of.suite()).alternate(ours::run, theirs::run);
        Row.PeerResult result =
            new Row.PeerResult(peer.name(), both.theirs().median(), both.ratio());
        to.accept(row(of, backend, options.threads(), both.ours(), ours, result));
      }
    }
    return true;
  }

  private Row row(
      Case of,
      String backend,
      int threadsOfIt,
      Turns.Time time,
      Prepared prepared,
      Row.PeerResult peer) {
    int runs = (int) Math.clamp(ALLOCATION_SECONDS / time.median(), 1, MOST_ALLOCATION_RUNS);
    Machine machine = backend.equals(CUDA) ? device : limits.get(threadsOfIt);
    Placement placement = Placement.of(of.work(), time.median(), machine);
    return new Row(
        of,
        backend,
        threadsOfIt,
        time.median(),
        time.fastest(),
        Allocation.bytes(prepared::run, runs),
        placement,
        peer);
  }
}
