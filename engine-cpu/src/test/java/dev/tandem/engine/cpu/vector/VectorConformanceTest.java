package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.conformance.BackendConformance;

class VectorConformanceTest extends BackendConformance {
  VectorConformanceTest() {
    super(new VectorBackendProvider());
  }
}
