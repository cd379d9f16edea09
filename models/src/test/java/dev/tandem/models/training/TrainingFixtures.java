package dev.tandem.models.training;

import dev.tandem.datasets.ArrayDataset;
import dev.tandem.datasets.Catalog;
import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Provenance;
import dev.tandem.datasets.RawDataset;
import dev.tandem.datasets.Splits;
import dev.tandem.datasets.TaggingDataset;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Probe;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.Network;
import java.util.List;

/** Small data sets, networks and backends for tests of training. */
final class TrainingFixtures {
  private TrainingFixtures() {}

  /** The ids of the backends that this machine has. */
  static List<String> available() {
    return Backends.providers().stream()
        .filter(provider -> provider.probe() instanceof Probe.Available)
        .map(provider -> provider.id())
        .toList();
  }

  static Backend cpu(int threads) {
    return Backends.open("cpu", BackendOptions.defaults().withThreads(threads));
  }

  static Backend scalar() {
    return Backends.open("scalar", BackendOptions.defaults());
  }

  static Dataset digits() {
    return split(Catalog.load("digits", null), 0.1, 0.2);
  }

  static Dataset iris() {
    return split(Catalog.load("iris", null), 0.2, 0.2);
  }

  static Dataset arrays(HostArray inputs, HostArray targets) {
    return split(new ArrayDataset("arrays", inputs, targets, null, false, provenance()), 0, 0);
  }

  static Provenance provenance() {
    return new Provenance("a test", "none", "a test", "nowhere", "");
  }

  private static Dataset split(RawDataset raw, double validation, double test) {
    return raw.prepare(Splits.holdout(raw, validation, test, 1));
  }

  /** Two hidden layers for a data set of classes. */
  static Network ann(Dataset dataset, int hidden, double dropout) {
    return Network.builder("ann", Shape.of(dataset.train().inputs().exampleShape()))
        .flatten()
        .linear(hidden)
        .relu()
        .dropout(dropout)
        .linear(hidden)
        .relu()
        .dropout(dropout)
        .linear(dataset.classNames().size())
        .build();
  }

  /** Numbers from -1 to 1. */
  static HostArray random(long seed, int... shape) {
    int length = 1;
    for (int extent : shape) {
      length *= extent;
    }
    float[] values = new float[length];
    Philox random = new Philox(seed, 0);
    for (int i = 0; i < length; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return HostArray.of(values, shape);
  }

  /** Token ids below a vocabulary, of sequences of some lengths. */
  static HostArray tokens(long seed, int vocabulary, int... lengths) {
    int[] starts = starts(lengths);
    int[] ids = new int[starts[lengths.length]];
    Philox random = new Philox(seed, 0);
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Math.floorMod(random.nextInt(), vocabulary);
    }
    return HostArray.ragged(ids, starts, TaggingDataset.NO_TAG);
  }

  /** Numbers from -1 to 1 in sequences of some lengths. */
  static HostArray series(long seed, int features, int... lengths) {
    int[] starts = starts(lengths);
    float[] values = random(seed, starts[lengths.length], features).floats();
    return HostArray.ragged(values, starts, features);
  }

  private static int[] starts(int... lengths) {
    int[] starts = new int[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      starts[i + 1] = starts[i] + lengths[i];
    }
    return starts;
  }

  /** Lengths from 1 up to a longest, all of them if there are enough. */
  static int[] lengths(int count, int longest) {
    int[] lengths = new int[count];
    for (int i = 0; i < count; i++) {
      lengths[i] = 1 + i * 7 % longest;
    }
    return lengths;
  }

  /** Class ids that take turns. */
  static HostArray ids(int count, int classes) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = i % classes;
    }
    return HostArray.of(ids, count);
  }

  static float[] weights(Trainer trainer, Backend backend) {
    Tensor weights = trainer.parameters().weights();
    float[] values = new float[Math.toIntExact(weights.elements())];
    backend.transfers().download(weights, values, 0);
    return values;
  }
}
