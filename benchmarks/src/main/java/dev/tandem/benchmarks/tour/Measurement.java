package dev.tandem.benchmarks.tour;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.Prepared;
import dev.tandem.benchmarks.cases.TandemStep;
import dev.tandem.benchmarks.cases.Verification;
import dev.tandem.benchmarks.roofline.Machine;
import dev.tandem.benchmarks.roofline.Placement;
import dev.tandem.benchmarks.timing.Allocation;
import dev.tandem.benchmarks.timing.Turns;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Measures cases on backends, each after its result was compared with the oracle's.
 *
 * @param backends ids, in the order in which they are shown
 * @param threads numbers of them, for backends that have more than one
 * @param limits of the processor, by the number of threads
 * @param peers opened; asked for a counterpart on every processor backend but the oracle
 * @param effort how long
 */
record Measurement(
    List<String> backends,
    List<Integer> threads,
    Map<Integer, Machine> limits,
    List<Peer> peers,
    Effort effort) {
  /** The backend whose limits nobody measures here. */
  private static final String CUDA = "cuda";

  private static final double ALLOCATION_SECONDS = 0.05;
  private static final int MOST_ALLOCATION_RUNS = 1000;

  /**
   * Measures one case everywhere.
   *
   * @param to is given each row at once
   */
  void measure(Case of, Consumer<Row> to) {
    if (!of.forTheOracle()) {
      measure(of, null, to);
      return;
    }
    try (Prepared oracle = of.prepare(Verification.ORACLE, 1)) {
      measure(of, oracle.checked(), to);
      if (backends.contains(Verification.ORACLE)) {
        Turns.Time time = Effort.ORACLE.measure(oracle::run);
        to.accept(row(of, Verification.ORACLE, 1, time, oracle, null));
      }
    }
  }

  private void measure(Case of, float[] expected, Consumer<Row> to) {
    for (String backend : backends) {
      if (backend.equals(CUDA)) {
        alone(of, backend, threads.get(0), expected, to);
      } else if (!backend.equals(Verification.ORACLE)) {
        for (int number : threads) {
          measure(of, backend, number, expected, to);
        }
      }
    }
  }

  private void measure(Case of, String backend, int number, float[] expected, Consumer<Row> to) {
    boolean compared = false;
    for (Peer peer : peers) {
      compared |= compare(of, backend, number, peer, expected, to);
    }
    if (!compared) {
      alone(of, backend, number, expected, to);
    }
  }

  private void alone(Case of, String backend, int number, float[] expected, Consumer<Row> to) {
    try (Prepared ours = of.prepare(backend, number)) {
      check(of.name() + " on " + backend, ours.checked(), expected);
      Turns.Time time = effort.turns(of.suite()).measure(ours::run);
      to.accept(row(of, backend, number, time, ours, null));
    }
  }

  /** Returns false if the peer does not do such a case. */
  private boolean compare(
      Case of, String backend, int number, Peer peer, float[] expected, Consumer<Row> to) {
    try (Prepared ours = of.prepare(backend, number)) {
      peer.open(number);
      Optional<Prepared> counterpart = peer.prepare(of, ours);
      if (counterpart.isEmpty()) {
        return false;
      }
      try (Prepared theirs = counterpart.get()) {
        float[] result = ours.checked();
        check(of.name() + " on " + backend, result, expected);
        check(of.name() + " in " + peer.name(), theirs.checked(), result);
        Turns.Comparison both = effort.turns(of.suite()).alternate(ours::run, theirs::run);
        Row.PeerResult beside =
            new Row.PeerResult(peer.name(), both.theirs().median(), both.ratio());
        to.accept(row(of, backend, number, both.ours(), ours, beside));
      }
    }
    return true;
  }

  /** Compares, if there is what to compare with. */
  private static void check(String what, float[] actual, float[] expected) {
    if (expected != null) {
      Verification.check(what, actual, expected);
    }
  }

  private Row row(
      Case of,
      String backend,
      int threadsOfIt,
      Turns.Time time,
      Prepared prepared,
      Row.PeerResult peer) {
    int runs = (int) Math.clamp(ALLOCATION_SECONDS / time.median(), 1, MOST_ALLOCATION_RUNS);
    Placement placement =
        backend.equals(CUDA)
            ? null
            : Placement.of(of.work(), time.median(), limits.get(threadsOfIt));
    return new Row(
        of,
        backend,
        threadsOfIt,
        time.median(),
        time.fastest(),
        Allocation.bytes(prepared::run, runs),
        prepared instanceof TandemStep step ? step.bytes() : 0,
        placement,
        peer);
  }
}
