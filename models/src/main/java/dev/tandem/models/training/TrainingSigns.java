package dev.tandem.models.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Signs of overfitting and underfitting in the course of a training, in words. */
final class TrainingSigns {
  /** How much the validation loss must have risen above its smallest value, as a fraction of it. */
  private static final double RISE = 0.1;

  /** How much of the training loss the last tenth of the epochs must still have taken off. */
  private static final double STILL_FALLING = 0.1;

  /** How much of what the whole course took off the training loss that must be to matter. */
  private static final double MATTERS = 0.01;

  /** The least epochs from which a course can be read. */
  private static final int COURSE = 10;

  private TrainingSigns() {}

  /**
   * Returns a warning for each sign.
   *
   * @param epochs the whole course
   * @param training on the training part, after training
   * @param bestKept whether the best weights are kept, which mends overfitting
   */
  static List<String> read(List<EpochRecord> epochs, Evaluation training, boolean bestKept) {
    List<String> warnings = new ArrayList<>();
    EpochRecord last = epochs.get(epochs.size() - 1);
    if (!last.validation().isEmpty() && !bestKept) {
      EpochRecord best = last;
      for (EpochRecord epoch : epochs) {
        if (epoch.watchedLoss() < best.watchedLoss()) {
          best = epoch;
        }
      }
      if (last.watchedLoss() > (1 + RISE) * best.watchedLoss()
          && last.trainingLoss() < best.trainingLoss()) {
        warnings.add(
            text(
                "overfitting: the validation loss rose from %.4g after epoch %d to %.4g, while the training loss fell from"
                    + " %.4g to %.4g (try --early-stopping, --dropout 0.2, a larger --weight-decay or more data)",
                best.watchedLoss(),
                best.epoch(),
                last.watchedLoss(),
                best.trainingLoss(),
                last.trainingLoss()));
      }
    }
    if (epochs.size() >= COURSE) {
      EpochRecord before = epochs.get(epochs.size() - 1 - epochs.size() / 10);
      double fallen = before.trainingLoss() - last.trainingLoss();
      double whole = epochs.get(0).trainingLoss() - last.trainingLoss();
      if (fallen > STILL_FALLING * before.trainingLoss()
          && fallen > MATTERS * whole
          && last.watchedLoss() < before.watchedLoss()) {
        warnings.add(
            text(
                "underfitting: the training loss was still falling, from %.4g after epoch %d to %.4g after epoch %d (try more"
                    + " --epochs or a larger --lr)",
                before.trainingLoss(), before.epoch(), last.trainingLoss(), last.epoch()));
      }
    }
    constantPrediction(training, warnings);
    return warnings;
  }

  private static void constantPrediction(Evaluation training, List<String> warnings) {
    if (training.confusion() != null && training.confusion().size() > 1) {
      long largest = 0;
      for (int i = 0; i < training.confusion().size(); i++) {
        largest = Math.max(largest, training.confusion().actualCount(i));
      }
      double share = (double) largest / training.confusion().total();
      if (share < 1 && training.confusion().accuracy() <= share) {
        warnings.add(
            text(
                "underfitting: the accuracy on the training part, %.3f, is no better than always naming the most frequent"
                    + " class, %.3f (try more --epochs, another --lr or a larger --hidden)",
                training.confusion().accuracy(), share));
      }
    } else if (training.scores().getOrDefault("r2", 1.0) <= 0) {
      warnings.add(
          text(
              "underfitting: R2 on the training part is %.3f, no better than always predicting the mean (try more --epochs,"
                  + " another --lr or a larger --hidden)",
              training.scores().get("r2")));
    }
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
