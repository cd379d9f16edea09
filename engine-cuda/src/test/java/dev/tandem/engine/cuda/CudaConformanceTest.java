package dev.tandem.engine.cuda;

import dev.tandem.engine.conformance.BackendConformance;

/** The whole kit, on the stand-in. */
class CudaConformanceTest extends BackendConformance {
  CudaConformanceTest() {
    super(new StandInProvider());
  }
}
