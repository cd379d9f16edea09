package dev.tandem.benchmarks;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import org.openjdk.jmh.annotations.Param;

/** Recurrent layers: the passes of a step of training. */
public class RecurrentBenchmark extends OperationBenchmark {
  /** Steps, sequences, features and hidden units. */
  @Param({"50x32x64x128", "50x64x64x256", "50x1x64x128"})
  public String shape;

  /** The cell. */
  @Param({"RNN_TANH", "LSTM", "GRU"})
  public RecurrentCell cell;

  /**
   * How far a step goes: forward; forward and backwardData; all three. What a pass takes is the
   * difference, because one cannot run without the one before.
   */
  @Param({"forward", "backwardData", "backwardWeights"})
  public String until;

  @Override
  Call prepare(Bench onBackend) {
    String[] parts = shape.split("x");
    int time = Integer.parseInt(parts[0]);
    int batch = Integer.parseInt(parts[1]);
    int inputs = Integer.parseInt(parts[2]);
    int hidden = Integer.parseInt(parts[3]);
    RecurrentSpec spec = new RecurrentSpec(cell, time, batch, inputs, hidden, 1, false, 0, 0, true);
    Recurrent family = onBackend.backend().recurrent();
    Recurrent.Plan plan = family.plan(spec);
    // The layout of weights is the backend's own; on the CPU it is the oracle's.
    Tensor weights = onBackend.random((int) plan.weightElements());
    onBackend.backend().elementwise().scale(1 / Math.sqrt(hidden), weights, weights);
    Recurrent.Forward forward =
        new Recurrent.Forward(
            onBackend.random(time, batch, inputs),
            null,
            null,
            null,
            weights,
            null,
            onBackend.zeros(DataType.FLOAT32, time, batch, hidden),
            null,
            null,
            onBackend.zeros(DataType.FLOAT32, (int) plan.workspaceElements()),
            onBackend.zeros(DataType.FLOAT32, (int) plan.reserveElements()));
    Tensor dx = onBackend.zeros(DataType.FLOAT32, time, batch, inputs);
    Tensor dweights = onBackend.zeros(DataType.FLOAT32, (int) plan.weightElements());
    Recurrent.Backward backward =
        new Recurrent.Backward(
            forward, onBackend.random(time, batch, hidden), null, null, dx, null, null, dweights);
    return switch (until) {
      case "forward" -> new Call(() -> family.forward(plan, forward), forward.y());
      case "backwardData" ->
          new Call(
              () -> {
                family.forward(plan, forward);
                family.backwardData(plan, backward);
              },
              dx);
      case "backwardWeights" ->
          new Call(
              () -> {
                family.forward(plan, forward);
                family.backwardData(plan, backward);
                family.backwardWeights(plan, backward);
              },
              dweights);
      default ->
          throw new IllegalArgumentException(
              "until is '%s' (give forward, backwardData or backwardWeights)".formatted(until));
    };
  }
}
