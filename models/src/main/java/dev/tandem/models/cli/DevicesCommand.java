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
        out.printf("%-8s not available: %s%n", provider.id(), missing.reason());
        out.printf("%-8s -> %s%n", "", missing.remedy());
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
}
