package dev.tandem.models.cli;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.BackendProvider;
import dev.tandem.engine.Backends;
import dev.tandem.engine.Probe;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tandem devices}. */
@Command(
    name = "devices",
    description =
        "Shows every backend with its device, or why it is missing and what to do. 'auto' takes the first that is there.",
    footer = "  tandem devices")
final class DevicesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    for (BackendProvider provider : Backends.providers()) {
      if (provider.probe() instanceof Probe.Unavailable missing) {
        print(out, provider.id(), missing);
      } else {
        try (Backend backend = provider.open(BackendOptions.defaults())) {
          out.printf("%-8s %s%n", provider.id(), backend.info().device());
          backend
              .info()
              .details()
              .forEach((name, value) -> out.printf("%-8s %s: %s%n", "", name, value));
        }
      }
    }
    return 0;
  }

  private static void print(PrintWriter out, String id, Probe.Unavailable missing) {
    if (missing.obstacles().isEmpty()) {
      out.printf("%-8s not available: %s%n", id, missing.reason());
      out.printf("%-8s -> %s%n", "", missing.remedy());
      return;
    }
    out.printf("%-8s not available%n", id);
    for (Probe.Obstacle obstacle : missing.obstacles()) {
      out.printf("%-8s %s: %s%n", "", obstacle.part(), obstacle.reason());
      out.printf("%-8s -> %s%n", "", obstacle.remedy());
    }
  }
}
