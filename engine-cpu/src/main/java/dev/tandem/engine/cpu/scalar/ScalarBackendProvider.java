package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.BackendProvider;
import dev.tandem.engine.BackendUnavailableException;
import dev.tandem.engine.MathMode;
import dev.tandem.engine.Probe;

/** Offers {@link ScalarBackend}, on every machine and last. */
public final class ScalarBackendProvider implements BackendProvider {
  static final String ID = "scalar";
  static final String DEVICE = "one thread, plain Java loops";

  /** Made by the service loader. */
  public ScalarBackendProvider() {}

  @Override
  public String id() {
    return ID;
  }

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public Probe probe() {
    return new Probe.Available(DEVICE);
  }

  /**
   * Opens the backend. It has one thread, whatever the options say; results do not depend on that.
   */
  @Override
  public Backend open(BackendOptions options) {
    if (options.math() != MathMode.FP32) {
      throw new BackendUnavailableException(
          "backend '%s' has no math mode %s (use FP32, or backend 'cuda')"
              .formatted(ID, options.math()));
    }
    return new ScalarBackend();
  }
}
