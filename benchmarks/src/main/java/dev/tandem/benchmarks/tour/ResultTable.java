package dev.tandem.benchmarks.tour;

import dev.tandem.benchmarks.cases.Suite;
import java.io.PrintWriter;
import java.util.Locale;

/** The table on the terminal, a line for each row as soon as it is there. */
final class ResultTable {
  private static final String FORMAT = "%-34s %-7s %3s %10s %9s %9s %-9s %7s  %s";

  private final PrintWriter out;
  private final boolean besidePeers;
  private Suite suite;
  private String name;

  ResultTable(PrintWriter out, boolean besidePeers) {
    this.out = out;
    this.besidePeers = besidePeers;
  }

  void add(Row row) {
    if (row.measured().suite() != suite) {
      suite = row.measured().suite();
      out.println();
      line(suite.id(), "on", "thr", "time", "GFLOP/s", "of limit", "bound", "heap B", "beside");
    }
    boolean again = row.measured().name().equals(name);
    name = row.measured().name();
    boolean placed = row.placement() != null;
    line(
        again ? "" : name,
        row.backend(),
        row.threads(),
        time(row.seconds()),
        String.format(Locale.ROOT, row.gflops() < 10 ? "%.2f" : "%.1f", row.gflops()),
        placed ? String.format(Locale.ROOT, "%.0f %%", row.placement().percentOfLimit()) : "",
        placed ? row.placement().bound().id() : "",
        Long.toString(row.allocatedBytes()),
        row.peer() == null ? (besidePeers ? "no peer does it" : "") : beside(row.peer()));
  }

  private void line(Object... cells) {
    out.println(String.format(Locale.ROOT, FORMAT, cells).stripTrailing());
    out.flush();
  }

  /** Returns how a peer compares, in words. */
  static String beside(Row.PeerResult peer) {
    return String.format(
        Locale.ROOT,
        "%s %s: %.2fx %s",
        peer.name(),
        time(peer.seconds()),
        peer.ratio() >= 1 ? peer.ratio() : 1 / peer.ratio(),
        peer.ratio() >= 1 ? "faster" : "slower");
  }

  /** Returns a time in the unit that fits it. */
  static String time(double seconds) {
    if (seconds < 1e-3) {
      return String.format(Locale.ROOT, "%.1f us", seconds * 1e6);
    }
    return seconds < 1
        ? String.format(Locale.ROOT, "%.2f ms", seconds * 1e3)
        : String.format(Locale.ROOT, "%.2f s", seconds);
  }
}
