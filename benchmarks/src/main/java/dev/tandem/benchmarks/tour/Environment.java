package dev.tandem.benchmarks.tour;

import dev.tandem.benchmarks.roofline.Machine;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.BackendProvider;
import dev.tandem.engine.Backends;
import dev.tandem.engine.MathMode;
import dev.tandem.engine.Probe;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What was measured on, for people who compare results. */
final class Environment {
  private static final double GIGA = 1e9;

  private Environment() {}

  /** Returns the ids of the backends that are there, the highest rank first. */
  static List<String> available() {
    List<String> ids = new ArrayList<>();
    for (BackendProvider provider : Backends.providers()) {
      if (provider.probe() instanceof Probe.Available) {
        ids.add(provider.id());
      }
    }
    return ids;
  }

  /** Returns a line for each backend that is not there. */
  static List<String> missing() {
    List<String> lines = new ArrayList<>();
    for (BackendProvider provider : Backends.providers()) {
      if (provider.probe() instanceof Probe.Unavailable missing) {
        lines.add(
            "%s is not available: %s (%s)"
                .formatted(provider.id(), missing.reason(), missing.remedy()));
      }
    }
    return lines;
  }

  /**
   * Describes the machine and what ran on it.
   *
   * @param backends that were measured
   * @param threads numbers of them, each measured
   * @param limits the machine's
   * @param peers that were measured
   * @return for {@code bench --json}: text, numbers and maps of them
   */
  static Map<String, Object> describe(
      List<String> backends, List<Integer> threads, Collection<Machine> limits, List<Peer> peers) {
    Map<String, Object> machine = new LinkedHashMap<>();
    Map<String, Object> devices = new LinkedHashMap<>();
    for (String id : backends) {
      try (Backend backend =
          Backends.open(id, new BackendOptions(threads.get(threads.size() - 1), MathMode.FP32))) {
        devices.put(id, backend.info().device());
        backend.info().details().forEach((name, value) -> devices.put(id + " " + name, value));
      }
    }
    machine.put("backends", devices);
    machine.put(
        "peers", peers.stream().map(peer -> peer.name() + " (" + peer.settings() + ")").toList());
    machine.put("threads", threads);
    machine.put("processors", Runtime.getRuntime().availableProcessors());
    machine.put("vectorBits", Machine.vectorBits());
    machine.put(
        "system",
        "%s %s %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    machine.put("java", System.getProperty("java.vm.version"));
    machine.put(
        "tandem",
        Optional.ofNullable(Environment.class.getPackage().getImplementationVersion())
            .orElse("development"));
    Map<String, Object> peak = new LinkedHashMap<>();
    Map<String, Object> bandwidth = new LinkedHashMap<>();
    for (Machine limit : limits) {
      String number = Integer.toString(limit.threads());
      peak.put(number, limit.peak() / GIGA);
      Map<String, Object> sizes = new LinkedHashMap<>();
      limit.bandwidth().forEach(at -> sizes.put(size(at.workingSet()), at.bytesPerSecond() / GIGA));
      bandwidth.put(number, sizes);
    }
    machine.put("peakGflops", peak);
    machine.put("bandwidthGigabytesPerSecond", bandwidth);
    return machine;
  }

  /** Returns the processor that was measured, or the first device. */
  static String device(Map<String, Object> machine) {
    Map<?, ?> devices = (Map<?, ?>) machine.get("backends");
    Object cpu = devices.get("cpu");
    return String.valueOf(cpu == null ? devices.values().iterator().next() : cpu);
  }

  /** Returns a size in KiB or MiB. */
  static String size(double bytes) {
    return bytes < 1 << 20
        ? String.format(Locale.ROOT, "%.0f KiB", bytes / (1 << 10))
        : String.format(Locale.ROOT, "%.0f MiB", bytes / (1 << 20));
  }
}
