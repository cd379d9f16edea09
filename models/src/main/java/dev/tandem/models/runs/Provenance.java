package dev.tandem.models.runs;

import dev.tandem.datasets.Dataset;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendInfo;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Where a run comes from: time, versions, machine, data with checksum. */
final class Provenance {
  private Provenance() {}

  static Map<String, Object> of(Dataset dataset, Backend backend) {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put("started", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    provenance.put(
        "tandem",
        Optional.ofNullable(Provenance.class.getPackage().getImplementationVersion())
            .orElse("development"));
    provenance.put("java", System.getProperty("java.vm.version"));
    provenance.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    BackendInfo info = backend.info();
    provenance.put("backend", info.id());
    provenance.put("device", info.device());
    provenance.put("backendDetails", info.details());
    provenance.put("data", dataset.provenance());
    provenance.put("dataNotes", dataset.notes());
    provenance.put(
        "examples",
        Map.of(
            "train", dataset.train().size(),
            "validation", dataset.validation().size(),
            "test", dataset.test().size()));
    return provenance;
  }
}
