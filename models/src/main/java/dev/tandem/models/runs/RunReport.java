package dev.tandem.models.runs;

import dev.tandem.models.training.TrainingResult;

/** The page that shows a run. */
final class RunReport {
  private RunReport() {}

  static String html(TrainingRun run, TrainingResult result) {
    return "";
  }
}
