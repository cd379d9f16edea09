package dev.tandem.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Finds backends on the class path and opens them. */
public final class Backends {
  /** The name that stands for the available backend of the highest rank. */
  public static final String AUTO = "auto";

  private static final System.Logger LOGGER = System.getLogger(Backends.class.getName());

  private Backends() {}

  /** Returns every provider on the class path, the highest rank first. */
  public static List<BackendProvider> providers() {
    List<BackendProvider> providers = new ArrayList<>();
    ServiceLoader.load(BackendProvider.class).forEach(providers::add);
    providers.sort(Comparator.comparingInt(BackendProvider::rank).reversed());
    return providers;
  }

  /**
   * Opens a backend.
   *
   * @param id a provider's id, which never falls back to another; or {@link #AUTO}, which logs
   *     every probe in one line at level DEBUG and takes the highest rank that is available
   * @param options how to open it
   * @throws BackendUnavailableException if there is none of this name or it is not available
   */
  public static Backend open(String id, BackendOptions options) {
    List<BackendProvider> providers = providers();
    return id.equals(AUTO) ? openBest(providers, options) : openNamed(id, providers, options);
  }

  private static Backend openBest(List<BackendProvider> providers, BackendOptions options) {
    BackendProvider best = null;
    List<String> findings = new ArrayList<>();
    for (BackendProvider provider : providers) {
      Probe probe = provider.probe();
      findings.add(provider.id() + ": " + describe(probe));
      if (best == null && probe instanceof Probe.Available) {
        best = provider;
      }
    }
    String report = String.join("; ", findings);
    if (best == null) {
      throw new BackendUnavailableException("no backend is available: " + report);
    }
    LOGGER.log(System.Logger.Level.DEBUG, "backend auto takes {0} ({1})", best.id(), report);
    return best.open(options);
  }

  private static Backend openNamed(
      String id, List<BackendProvider> providers, BackendOptions options) {
    for (BackendProvider provider : providers) {
      if (provider.id().equals(id)) {
        if (provider.probe() instanceof Probe.Unavailable missing) {
          throw new BackendUnavailableException(
              "backend '%s' is not available: %s".formatted(id, describe(missing)));
        }
        return provider.open(options);
      }
    }
    throw new BackendUnavailableException(
        "there is no backend '%s' (there are %s and %s)"
            .formatted(
                id,
                AUTO,
                providers.stream().map(BackendProvider::id).collect(Collectors.joining(", "))));
  }

  private static String describe(Probe probe) {
    if (probe instanceof Probe.Unavailable missing) {
      return "%s (%s)".formatted(missing.reason(), missing.remedy());
    }
    return ((Probe.Available) probe).device();
  }
}
