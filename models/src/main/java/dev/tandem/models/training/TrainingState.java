package dev.tandem.models.training;

import java.util.ArrayList;
import java.util.List;

/**
 * How far a training is: what a checkpoint holds beside the tensors. Everything else follows from
 * the records of its epochs.
 */
final class TrainingState {
  private final List<EpochRecord> epochs = new ArrayList<>();
  private double bestLoss = Double.POSITIVE_INFINITY;
  private int bestEpoch;
  private int plateauEpochs;
  private int plateauDrops;

  /** Takes in an epoch and returns whether its watched loss is the best so far. */
  boolean finish(EpochRecord record) {
    epochs.add(record);
    boolean better = record.watchedLoss() < bestLoss;
    if (better) {
      bestLoss = record.watchedLoss();
      bestEpoch = record.epoch();
      plateauEpochs = 0;
    } else if (++plateauEpochs > Schedule.PLATEAU_PATIENCE) {
      plateauDrops++;
      plateauEpochs = 0;
    }
    return better;
  }

  List<EpochRecord> epochs() {
    return epochs;
  }

  /** Returns how many epochs are done. */
  int epoch() {
    return epochs.size();
  }

  /** Returns how many steps are done. */
  long step() {
    return epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1).step();
  }

  /** Returns the epoch of the smallest watched loss. */
  int bestEpoch() {
    return bestEpoch;
  }

  /** Returns how often the schedule has met a plateau. */
  int plateauDrops() {
    return plateauDrops;
  }

  /** Returns the seconds spent in epochs. */
  double seconds() {
    return epochs.stream().mapToDouble(EpochRecord::seconds).sum();
  }
}
