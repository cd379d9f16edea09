package dev.tandem.benchmarks;

import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.Network;
import dev.tandem.models.layers.Layer;
import dev.tandem.models.layers.RecurrentLayer;
import java.util.List;
import java.util.Locale;

/**
 * A network and a batch size whose training step is measured. All tell {@value #CLASSES} classes
 * apart.
 *
 * @param name what tables call it
 * @param network the blueprint
 * @param batch N
 */
record StepCase(String name, Network network, int batch) {
  /** The outputs of every network. */
  static final int CLASSES = 10;

  private static final int STEPS = 50;
  private static final int INPUT_SIZE = 64;

  /** Returns the cases that are compared with other libraries. */
  static List<StepCase> all() {
    return List.of(
        mlp(128),
        mlp(32),
        cnn(64, 28),
        recurrent(RecurrentCell.LSTM, 32, STEPS, 128),
        recurrent(RecurrentCell.GRU, 32, STEPS, 128),
        recurrent(RecurrentCell.RNN_TANH, 32, STEPS, 128),
        recurrent(RecurrentCell.LSTM, 64, STEPS, 256),
        recurrent(RecurrentCell.GRU, 64, STEPS, 256),
        recurrent(RecurrentCell.RNN_TANH, 64, STEPS, 256),
        recurrent(RecurrentCell.LSTM, 1, STEPS, 128),
        recurrent(RecurrentCell.GRU, 1, STEPS, 128),
        recurrent(RecurrentCell.RNN_TANH, 1, STEPS, 128));
  }

  /** Returns 784-512-256-10 with ReLU. */
  static StepCase mlp(int batch) {
    Network.Builder network =
        Network.builder("mlp", Shape.of(784)).linear(512).relu().linear(256).relu();
    return new StepCase("mlp-n" + batch, network.linear(CLASSES).build(), batch);
  }

  /** Returns two convolutions, each halved by a pool, on square grey pictures. */
  static StepCase cnn(int batch, int side) {
    Network.Builder network = Network.builder("cnn", Shape.of(1, side, side));
    network.conv2d(32, 3).relu().maxPool2d(2).conv2d(64, 3).relu().maxPool2d(2).flatten();
    network.linear(128).relu().linear(CLASSES);
    return new StepCase("cnn-n%d-s%d".formatted(batch, side), network.build(), batch);
  }

  /** Returns one recurrent layer whose last state a linear layer reads. */
  static StepCase recurrent(RecurrentCell cell, int batch, int steps, int hidden) {
    String type = cell == RecurrentCell.RNN_TANH ? "rnn" : cell.name().toLowerCase(Locale.ROOT);
    Network network =
        Network.builder(type, Shape.of(steps, INPUT_SIZE))
            .recurrent(new RecurrentLayer.Settings(cell, hidden, 1, false, 0, false))
            .linear(CLASSES)
            .build();
    return new StepCase("%s-n%d-t%d-h%d".formatted(type, batch, steps, hidden), network, batch);
  }

  /**
   * Returns the multiplications and additions of a step: those of the forward pass three times, but
   * for the gradient of the network's input, which nobody wants.
   */
  long flops() {
    long forward = 0;
    Shape shape = network.input();
    for (Layer layer : network.layers()) {
      forward += layer.flops(shape);
      shape = layer.outputShape(shape);
    }
    return batch * (3 * forward - inputGradientFlops());
  }

  private long inputGradientFlops() {
    Layer first = network.layers().get(0);
    if (first instanceof RecurrentLayer recurrent) {
      RecurrentLayer.Settings settings = recurrent.recurrence();
      return 2L * network.input().elements() * settings.cell().gates() * settings.hiddenSize();
    }
    return first.flops(network.input());
  }
}
