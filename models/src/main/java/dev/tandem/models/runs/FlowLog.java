package dev.tandem.models.runs;

import dev.tandem.models.flow.FlowFile;
import dev.tandem.models.flow.FlowMoment;
import dev.tandem.models.flow.GradientFlow;
import dev.tandem.models.training.EpochRecord;
import dev.tandem.models.training.Trainer;
import dev.tandem.models.training.TrainingListener;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes {@code gradient-flow.csv}: how gradients flow at the beginning of a training, after its
 * first epoch and at its end.
 */
final class FlowLog implements TrainingListener {
  private final GradientFlow flow;
  private final RunDirectory directory;
  private final List<FlowMoment> moments = new ArrayList<>();

  /** Measures the beginning; of a run that goes on the moments that its file holds are kept. */
  FlowLog(GradientFlow flow, RunDirectory directory, Trainer trainer) {
    this.flow = flow;
    this.directory = directory;
    if (trainer.stepsDone() == 0) {
      measure("beginning", trainer);
    } else {
      moments.addAll(directory.gradientFlow());
      moments.removeIf(moment -> moment.name().equals("end"));
    }
  }

  @Override
  public void epoch(EpochRecord epoch, Trainer trainer) {
    if (epoch.epoch() == 1 && epoch.step() < trainer.totalSteps()) {
      measure("after epoch 1", trainer);
    }
  }

  /** Measures the end. */
  List<FlowMoment> end(Trainer trainer) {
    measure("end", trainer);
    return List.copyOf(moments);
  }

  private void measure(String moment, Trainer trainer) {
    moments.addAll(flow.measure(moment, trainer.parameters()));
    directory.write(FlowFile.NAME, FlowFile.write(moments));
  }
}
