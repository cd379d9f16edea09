package dev.tandem.engine.cuda;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.BackendProvider;
import dev.tandem.engine.Probe;

/**
 * The GPU backend on the stand-in. With {@code -Dtandem.cuda.standin=false} it is left to look for
 * a GPU instead: the same tests then run on that.
 */
final class StandInProvider implements BackendProvider {
  private static final String REMEDY = "install a C++ compiler";

  @Override
  public String id() {
    return CudaBackend.ID;
  }

  @Override
  public int rank() {
    return 100;
  }

  @Override
  public Probe probe() {
    return StandIn.install()
        .<Probe>map(reason -> new Probe.Unavailable(reason, REMEDY))
        .orElseGet(() -> new Probe.Available("stand-in"));
  }

  @Override
  public Backend open(BackendOptions options) {
    return CudaBackend.open(options);
  }
}
