package dev.tandem.benchmarks.tour;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.roofline.Placement;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One case on one backend, perhaps beside one peer.
 *
 * @param measured the case
 * @param backend its id
 * @param threads that it had
 * @param seconds of a run, the median of the turns
 * @param fastest seconds of a run in the fastest turn
 * @param allocatedBytes on the Java heap, of a run
 * @param memoryBytes of activations, workspace, inputs and outputs of a step; 0 for other cases
 * @param placement under the roof; null for a device whose limits were not measured
 * @param peer what it is compared with; null if with nothing
 */
record Row(
    Case measured,
    String backend,
    int threads,
    double seconds,
    double fastest,
    long allocatedBytes,
    long memoryBytes,
    Placement placement,
    PeerResult peer) {
  private static final double MILLISECONDS = 1e3;

  /**
   * What the peer did in alternating turns.
   *
   * @param name the peer
   * @param seconds of a run, the median of its turns
   * @param ratio the median of its time / our time in neighbouring turns; above 1 we are faster
   */
  record PeerResult(String name, double seconds, double ratio) {}

  /** Returns 1e9 operations in a second. */
  double gflops() {
    return measured.work().flops() / seconds * 1e-9;
  }

  /** Returns the row of {@code bench --json}. What there is not is null. */
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("suite", measured.suite().id());
    json.put("name", measured.name());
    json.put("backend", backend);
    json.put("threads", threads);
    json.put("milliseconds", seconds * MILLISECONDS);
    json.put("fastestMilliseconds", fastest * MILLISECONDS);
    json.put("allocatedBytes", allocatedBytes);
    json.put("memoryBytes", memoryBytes == 0 ? null : memoryBytes);
    json.put("gflops", gflops());
    json.put("flopsPerByte", measured.work().flopsPerByte());
    json.put("percentOfPeak", placement == null ? null : placement.percentOfPeak());
    json.put("percentOfLimit", placement == null ? null : placement.percentOfLimit());
    json.put("bound", placement == null ? null : placement.bound().id());
    json.put("peer", peer == null ? null : peer.name());
    json.put("peerMilliseconds", peer == null ? null : peer.seconds() * MILLISECONDS);
    json.put("ratio", peer == null ? null : peer.ratio());
    return json;
  }
}
