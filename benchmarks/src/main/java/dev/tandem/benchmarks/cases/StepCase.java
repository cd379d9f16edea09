package dev.tandem.benchmarks.cases;

import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.Network;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.Layer;
import dev.tandem.models.layers.RecurrentLayer;
import java.util.List;

/**
 * A network and a batch size whose training step is measured. All tell {@value #CLASSES} classes
 * apart.
 *
 * @param name what tables call it
 * @param network the blueprint
 * @param batch N
 */
public record StepCase(String name, Network network, int batch) implements Case {
  /** The outputs of every network. */
  public static final int CLASSES = 10;

  private static final int STEPS = CellCases.TIME;
  private static final int INPUT_SIZE = CellCases.INPUTS;

  /** The oracle takes half a minute for so many operations of a convolution. */
  private static final double MOST_FOR_THE_ORACLE = 6e9;

  /** Returns the cases that are compared with other libraries. */
  public static List<StepCase> all() {
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
  public static StepCase mlp(int batch) {
    Network.Builder network =
        Network.builder("mlp", Shape.of(784)).linear(512).relu().linear(256).relu();
    return new StepCase("mlp-n" + batch, network.linear(CLASSES).build(), batch);
  }

  /** Returns two convolutions, each halved by a pool, on square grey pictures. */
  public static StepCase cnn(int batch, int side) {
    Network.Builder network = Network.builder("cnn", Shape.of(1, side, side));
    network.conv2d(32, 3).relu().maxPool2d(2).conv2d(64, 3).relu().maxPool2d(2).flatten();
    network.linear(128).relu().linear(CLASSES);
    return new StepCase("cnn-n%d-s%d".formatted(batch, side), network.build(), batch);
  }

  /** Returns one recurrent layer whose last state a linear layer reads. */
  public static StepCase recurrent(RecurrentCell cell, int batch, int steps, int hidden) {
    String type = CellCases.type(cell);
    Network network =
        Network.builder(type, Shape.of(steps, INPUT_SIZE))
            .recurrent(new RecurrentLayer.Settings(cell, hidden, 1, false, 0, false))
            .linear(CLASSES)
            .build();
    return new StepCase("%s-n%d-t%d-h%d".formatted(type, batch, steps, hidden), network, batch);
  }

  /**
   * Returns the case of {@link #all} with a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static StepCase named(String name) {
    return all().stream()
        .filter(step -> step.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no step '%s' (there are %s)"
                        .formatted(name, all().stream().map(StepCase::name).toList())));
  }

  @Override
  public Suite suite() {
    return Suite.STEPS;
  }

  @Override
  public boolean forTheOracle() {
    return flops() <= MOST_FOR_THE_ORACLE;
  }

  /**
   * The arithmetic of the layers, without the loss and the optimiser. Of the traffic, each output
   * of a layer is written, read by the next layer and by its backward pass, and its gradient is
   * written and read; each parameter is read forward and backward, its gradient is cleared, written
   * and read, and Adam reads and writes it with its two moments.
   */
  @Override
  public Work work() {
    double outputs = 0;
    Shape shape = network.input();
    for (Layer layer : network.layers()) {
      shape = layer.outputShape(shape);
      outputs += shape.elements();
    }
    double activations = batch * outputs;
    double input = (double) batch * network.input().elements();
    double parameters = network.parameters(Initializer.Scheme.DEFAULT).count();
    return Work.of(
        flops(), 2 * input + 3 * activations + 6 * parameters, 2 * activations + 5 * parameters);
  }

  @Override
  public TandemStep prepare(String backend, int threads) {
    return new TandemStep(this, backend, threads);
  }

  /**
   * Returns the multiplications and additions of a step: those of the forward pass three times, but
   * for the gradient of the network's input, which nobody wants.
   */
  private long flops() {
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
