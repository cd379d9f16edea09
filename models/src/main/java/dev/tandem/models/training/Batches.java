package dev.tandem.models.training;

import dev.tandem.datasets.Buckets;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.LanguageDataset;
import dev.tandem.models.Executor;
import dev.tandem.models.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How the examples of a part are divided into batches. Whole examples go by their order. Sequences
 * of different lengths meet others of about their length, so that little is padded. Sequences that
 * continue each other are laid out so that row i of a batch goes on where row i of the batch before
 * it ended; those at the end that do not fill a batch are left out when a network is trained, and
 * follow one by one when it is measured.
 */
final class Batches {
  /** In a measurement a row goes on so often at least: its first step knows nothing before it. */
  private static final int LEAST_RUN = 64;

  /**
   * Some examples that go through the network together.
   *
   * @param from the first, as an index into the order
   * @param count how many
   * @param steps the steps to which their sequences are padded; of no meaning for whole examples
   */
  record Batch(int from, int count, int steps) {}

  /** The batches of one pass over the examples. */
  record Pass(int[] order, List<Batch> batches) {}

  private final Network network;
  private final HostArray inputs;
  private final int batchSize;
  private final boolean continuing;
  private final boolean complete;
  private final Buckets buckets;

  /**
   * Divides examples for training.
   *
   * @param network what they go through
   * @param inputs the examples
   * @param largestBatch the most in a batch
   * @param continuing whether each batch goes on where the one before it ended
   */
  Batches(Network network, HostArray inputs, int largestBatch, boolean continuing) {
    this(network, inputs, largestBatch, continuing, !continuing);
  }

  private Batches(
      Network network, HostArray inputs, int largestBatch, boolean continuing, boolean complete) {
    this.network = network;
    this.inputs = inputs;
    this.continuing = continuing;
    this.complete = complete;
    batchSize = Math.min(largestBatch, inputs.size());
    buckets = isRagged() && inputs.size() > 0 ? Buckets.of(inputs) : null;
  }

  /** Divides examples so that each goes through the network once. */
  static Batches measuring(
      Network network, HostArray inputs, int largestBatch, boolean continuing) {
    int rows = continuing ? Math.clamp(inputs.size() / LEAST_RUN, 1, largestBatch) : largestBatch;
    return new Batches(network, inputs, rows, continuing, true);
  }

  /** Returns whether the network needs the length of each sequence. */
  boolean isRagged() {
    return network.recurs() && inputs.isRagged();
  }

  /** Returns the most examples of a batch. */
  int batchSize() {
    return batchSize;
  }

  /** Returns the steps of the longest sequence. */
  int longest() {
    return inputs.shape().length < 2 ? 1 : inputs.shape()[1];
  }

  /** Returns the number of batches of a pass, the same whatever the order. */
  int count() {
    return inputs.size() == 0 ? 0 : pass(ascending(inputs.size())).batches().size();
  }

  /** Returns the number of examples that are in no batch. */
  int leftOut() {
    return inputs.size() == 0 ? 0 : inputs.size() - pass(ascending(inputs.size())).order().length;
  }

  /** Returns the share of all steps that is padding. */
  double paddingFraction() {
    return buckets == null ? 0 : buckets.paddingFraction();
  }

  /** Returns the sizes that programs are needed for. */
  List<Executor.Size> sizes(boolean training) {
    if (inputs.size() == 0) {
      return List.of();
    }
    Set<Executor.Size> sizes = new LinkedHashSet<>();
    for (Batch batch : pass(ascending(inputs.size())).batches()) {
      sizes.add(size(batch, training));
    }
    return List.copyOf(sizes);
  }

  /** Returns the size of the program for a batch. */
  Executor.Size size(Batch batch, boolean training) {
    return new Executor.Size(batch.count(), batch.steps(), training, isRagged(), continuing);
  }

  /** Returns 0, 1, 2 and so on. */
  static int[] ascending(int count) {
    return IntStream.range(0, count).toArray();
  }

  /**
   * Returns the batches of one pass.
   *
   * @param order every example once; not changed
   */
  Pass pass(int[] order) {
    if (buckets != null) {
      Buckets.Batches arrangement = buckets.batches(inputs, order, batchSize);
      return new Pass(
          arrangement.order(),
          arrangement.batches().stream()
              .map(batch -> new Batch(batch.from(), batch.count(), batch.steps()))
              .toList());
    }
    int[] rows = continuing ? LanguageDataset.continuousOrder(order.length, batchSize) : order;
    List<Batch> batches = new ArrayList<>();
    for (int from = 0; from < rows.length; from += batchSize) {
      batches.add(new Batch(from, Math.min(batchSize, rows.length - from), longest()));
    }
    int filled = rows.length;
    if (complete && filled < order.length) {
      rows = Arrays.copyOf(rows, order.length);
      for (int row = filled; row < rows.length; row++) {
        rows[row] = row;
        batches.add(new Batch(row, 1, longest()));
      }
    }
    return new Pass(rows, batches);
  }
}
