package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.conformance.BackendConformance;

class ScalarConformanceTest extends BackendConformance {
  ScalarConformanceTest() {
    super(new ScalarBackendProvider());
  }
}
