package dev.tandem.engine.cuda;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.BackendProvider;
import dev.tandem.engine.BackendUnavailableException;
import dev.tandem.engine.Probe;

/** Announces the GPU backend, which this version does not have yet. */
public final class CudaBackendProvider implements BackendProvider {
  private static final String REASON = "this version of Tandem has no GPU engine yet";
  private static final String REMEDY = "use --backend cpu";

  @Override
  public String id() {
    return "cuda";
  }

  @Override
  public int rank() {
    return 100;
  }

  @Override
  public Probe probe() {
    return new Probe.Unavailable(REASON, REMEDY);
  }

  @Override
  public Backend open(BackendOptions options) {
    throw new BackendUnavailableException("%s (%s)".formatted(REASON, REMEDY));
  }
}
