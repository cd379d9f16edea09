package dev.tandem.models.flow;

import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.cells.Cell;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.layers.DropoutLayer;
import dev.tandem.models.layers.EmbeddingLayer;
import dev.tandem.models.layers.Layer;
import dev.tandem.models.layers.Linear;
import dev.tandem.models.layers.RecurrentLayer;
import dev.tandem.models.training.Loss;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A recurrent network in plain Java: an embedding or a linear layer, or neither; recurrent layers;
 * a linear layer; a loss. Dropout is off, as when the network is used.
 */
final class FlowNetwork {
  private static final String SHAPE = "[embedding or linear] - recurrent - linear";

  private final Layer first;
  private final RecurrentLayer recurrent;
  private final Linear last;
  private final int outputs;
  private final Loss loss;
  private final int inputSize;

  /**
   * Takes a network apart.
   *
   * @throws ModelException if it has another form, naming the layer
   */
  FlowNetwork(Network network, Loss loss) {
    this.loss = loss;
    if (!network.recurs()) {
      throw new ModelException(
          "--gradient-flow follows gradients through time, and network '%s' has no recurrent layer (leave it out, or train --model lstm)"
              .formatted(network.name()));
    }
    if (loss == Loss.GRID) {
      throw new ModelException(
          "--gradient-flow does not know the loss %s (leave it out)"
              .formatted(loss.name().toLowerCase(Locale.ROOT)));
    }
    List<Layer> layers =
        network.layers().stream().filter(layer -> !(layer instanceof DropoutLayer)).toList();
    boolean begins = layers.get(0) instanceof EmbeddingLayer || layers.get(0) instanceof Linear;
    int at = begins ? 1 : 0;
    first = begins ? layers.get(0) : null;
    recurrent = require(layers, at, RecurrentLayer.class);
    last = require(layers, at + 1, Linear.class);
    if (layers.size() > at + 2) {
      throw unsuited(layers.get(at + 2));
    }
    if (recurrent.recurrence().bidirectional()) {
      throw new ModelException(
          "--gradient-flow follows one direction, and layer '%s' reads from both ends (leave it out, or train without --bidirectional)"
              .formatted(recurrent.name()));
    }
    outputs = network.output().columns();
    int raw = network.input().columns();
    inputSize = first == null ? raw : first.outputShape(network.input()).columns();
  }

  private static <T extends Layer> T require(List<Layer> layers, int at, Class<T> type) {
    if (at >= layers.size()) {
      throw new ModelException(
          "--gradient-flow is for networks %s, and nothing follows layer '%s' (leave it out)"
              .formatted(SHAPE, layers.get(at - 1).name()));
    }
    if (!type.isInstance(layers.get(at))) {
      throw unsuited(layers.get(at));
    }
    return type.cast(layers.get(at));
  }

  private static ModelException unsuited(Layer layer) {
    return new ModelException(
        "--gradient-flow is for networks %s, in which layer '%s' (%s) has no place (leave it out)"
            .formatted(SHAPE, layer.name(), layer.type()));
  }

  /** Returns the name of the recurrent layers. */
  String recurrentName() {
    return recurrent.name();
  }

  /** Returns whether every step has an output. */
  boolean returnsSequence() {
    return recurrent.returnsSequence();
  }

  RecurrentCell cell() {
    return recurrent.recurrence().cell();
  }

  /** Returns the multiplications of a step, about. */
  long weightCount() {
    RecurrentLayer.Settings settings = recurrent.recurrence();
    long hidden = settings.hiddenSize();
    long lowest = hidden * (inputSize + hidden);
    return settings.cell().gates() * (lowest + (settings.layers() - 1) * 2 * hidden * hidden);
  }

  /** Returns the cells with their weights, by the names of the network's parameters. */
  CellStack cells(Map<String, double[]> weights) {
    RecurrentLayer.Settings settings = recurrent.recurrence();
    List<Cell> cells = new ArrayList<>();
    for (int layer = 0; layer < settings.layers(); layer++) {
      String suffix = "_l" + layer;
      cells.add(
          Cell.of(
              settings.cell(),
              new Cell.Weights(
                  layer == 0 ? inputSize : settings.hiddenSize(),
                  settings.hiddenSize(),
                  weights.get(recurrent.name() + ".weight_ih" + suffix),
                  weights.get(recurrent.name() + ".weight_hh" + suffix),
                  weights.get(recurrent.name() + ".bias_ih" + suffix),
                  weights.get(recurrent.name() + ".bias_hh" + suffix))));
    }
    return new CellStack(cells);
  }

  /** Returns what the recurrent layers read of one sequence {@code [T][I]}. */
  double[][] inputs(FlowSample.Sequence sequence, Map<String, double[]> weights) {
    double[][] inputs = new double[sequence.steps()][];
    for (int t = 0; t < inputs.length; t++) {
      if (first instanceof EmbeddingLayer) {
        double[] table = weights.get(first.name() + ".weight");
        inputs[t] = new double[inputSize];
        System.arraycopy(table, sequence.ids()[t] * inputSize, inputs[t], 0, inputSize);
      } else {
        double[] x = sequence.numbers()[t];
        inputs[t] = first == null ? x : linear(first.name(), x, inputSize, weights);
      }
    }
    return inputs;
  }

  /** {@code W x + b}. */
  private static double[] linear(
      String name, double[] x, int units, Map<String, double[]> weights) {
    double[] w = weights.get(name + ".weight");
    double[] b = weights.get(name + ".bias");
    double[] y = b == null ? new double[units] : b.clone();
    for (int j = 0; j < units; j++) {
      for (int k = 0; k < x.length; k++) {
        y[j] += w[j * x.length + k] * x[k];
      }
    }
    return y;
  }

  /**
   * Returns what the states of the highest layer do to the loss of one sequence through the linear
   * layer of their own step {@code [T][H]}. The loss is the mean over the sequence's outputs.
   */
  double[][] outputGradients(
      Cell.Step[] top, FlowSample.Sequence sequence, Map<String, double[]> weights) {
    double[][] dh = new double[top.length][top[0].h().length];
    double[] w = weights.get(last.name() + ".weight");
    int counted = returnsSequence() ? sequence.labelledSteps() : 1;
    for (int t = returnsSequence() ? 0 : top.length - 1; t < top.length; t++) {
      double[] y = linear(last.name(), top[t].h(), outputs, weights);
      double[] dy = lossGradient(y, sequence, returnsSequence() ? t : 0);
      for (int k = 0; k < outputs; k++) {
        for (int j = 0; j < dh[t].length; j++) {
          dh[t][j] += dy[k] * w[k * dh[t].length + j] / counted;
        }
      }
    }
    return dh;
  }

  private double[] lossGradient(double[] y, FlowSample.Sequence sequence, int row) {
    if (loss == Loss.CCE) {
      return crossEntropyGradient(y, sequence.labels()[row]);
    }
    double[] dy = new double[outputs];
    for (int k = 0; k < outputs; k++) {
      double error = y[k] - sequence.targets()[k];
      dy[k] =
          switch (loss) {
            case MSE -> 2 * error;
            case MAE -> Math.signum(error);
            case HUBER -> Math.clamp(error, -1, 1);
            case BCE -> Cell.sigmoid(y[k]) - sequence.targets()[k];
            case CCE, GRID -> throw new AssertionError(loss);
          };
      dy[k] /= outputs;
    }
    return dy;
  }

  /** Softmax minus one-hot; 0 where there is no label. */
  private static double[] crossEntropyGradient(double[] logits, int label) {
    double[] dy = new double[logits.length];
    if (label < 0) {
      return dy;
    }
    double largest = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (int k = 0; k < dy.length; k++) {
      dy[k] = Math.exp(logits[k] - largest);
      sum += dy[k];
    }
    for (int k = 0; k < dy.length; k++) {
      dy[k] = dy[k] / sum - (k == label ? 1 : 0);
    }
    return dy;
  }
}
