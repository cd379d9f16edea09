package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.BackendProvider;
import dev.tandem.engine.BackendUnavailableException;
import dev.tandem.engine.MathMode;
import dev.tandem.engine.Probe;

/** Offers {@link VectorBackend} where the JVM has the Vector API. */
public final class VectorBackendProvider implements BackendProvider {
  static final String ID = "cpu";
  private static final String MODULE = "jdk.incubator.vector";

  /** Made by the service loader. */
  public VectorBackendProvider() {}

  @Override
  public String id() {
    return ID;
  }

  @Override
  public int rank() {
    return 50;
  }

  @Override
  public Probe probe() {
    Probe.Unavailable obstacle = obstacle();
    return obstacle == null
        ? new Probe.Available(device(Runtime.getRuntime().availableProcessors()))
        : obstacle;
  }

  @Override
  public Backend open(BackendOptions options) {
    Probe.Unavailable obstacle = obstacle();
    if (obstacle != null) {
      throw new BackendUnavailableException(
          "backend '%s' is not available: %s (%s)"
              .formatted(ID, obstacle.reason(), obstacle.remedy()));
    }
    if (options.math() != MathMode.FP32) {
      throw new BackendUnavailableException(
          "backend '%s' has no math mode %s (use FP32, or backend 'cuda')"
              .formatted(ID, options.math()));
    }
    return new VectorBackend(options.threads(), device(options.threads()));
  }

  /** Returns what stands in the way, in the order in which it may be looked at; null if nothing. */
  private static Probe.Unavailable obstacle() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return new Probe.Unavailable(
          "the JVM runs without " + MODULE,
          "start it with --add-modules=" + MODULE + "; ./tandem does");
    }
    if (!VectorWidth.isValid()) {
      return new Probe.Unavailable(
          "%s is '%s'".formatted(VectorWidth.PROPERTY, System.getProperty(VectorWidth.PROPERTY)),
          "give 128, 256 or 512");
    }
    if (Lanes.widest() < 128) {
      return new Probe.Unavailable(
          "this JVM has no vectors of 128 bits or more on this processor", "use backend 'scalar'");
    }
    if (VectorWidth.requested() > Lanes.widest()) {
      return new Probe.Unavailable(
          "%s is %d, but this processor has vectors of %d bits"
              .formatted(VectorWidth.PROPERTY, VectorWidth.requested(), Lanes.widest()),
          "give no more than that");
    }
    return null;
  }

  private static String device(int threads) {
    return "%s, %d thread%s, %d-bit vectors"
        .formatted(
            Processor.name(), threads, threads == 1 ? "" : "s", Lanes.FLOATS.vectorBitSize());
  }
}
