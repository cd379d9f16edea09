package dev.tandem.engine.cuda;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.BackendProvider;
import dev.tandem.engine.Probe;
import dev.tandem.engine.cuda.loading.CudaLibraries;

/**
 * Finds and opens the GPU backend; loads no class of JCuda before its library is known to be there.
 */
public final class CudaBackendProvider implements BackendProvider {
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
    return CudaLibraries.probe();
  }

  @Override
  public Backend open(BackendOptions options) {
    return CudaBackend.open(options);
  }
}
