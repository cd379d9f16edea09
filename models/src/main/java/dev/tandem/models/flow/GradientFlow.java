package dev.tandem.models.flow;

import dev.tandem.datasets.Dataset;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.cells.Cell;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.layers.ParameterTable.Parameter;
import dev.tandem.models.training.Loss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures how gradients flow back through time: the norm of dL/dh_t at every step, which shrinks
 * or grows as a product of Jacobians (Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio
 * 2013), and how many units of each gate are saturated. It always looks at the same sequences of
 * the training part.
 *
 * <p>Where only the last state has an output, sequences of different lengths are laid with their
 * ends together: what matters is how far a step lies before the end.
 */
public final class GradientFlow {
  private static final int SEQUENCES = 16;

  /** Multiplications of one forward pass, so that a measurement takes about a second. */
  private static final long MOST_WORK = 1L << 28;

  private static final double SIGMOID_EDGE = 0.05;
  private static final double TANH_EDGE = 0.95;

  private final FlowNetwork network;
  private final List<FlowSample.Sequence> sample;
  private final int steps;

  /**
   * Chooses the sequences.
   *
   * @param network a recurrent network
   * @param loss what it is trained with
   * @param dataset its data
   * @throws ModelException if the network has a form whose gradients are not known here
   */
  public GradientFlow(Network network, Loss loss, Dataset dataset) {
    this.network = new FlowNetwork(network, loss);
    int longest = Math.max(1, dataset.train().inputs().shape()[1]);
    long fitting = MOST_WORK / Math.max(1, longest * this.network.weightCount());
    int count = Math.toIntExact(Math.clamp(fitting, 1, SEQUENCES));
    sample =
        FlowSample.of(
            dataset.train().inputs(),
            loss.targets(dataset.train().targets(), network, dataset.classNames().size()),
            Math.min(count, dataset.train().size()));
    steps = sample.stream().mapToInt(FlowSample.Sequence::steps).max().orElseThrow();
  }

  /** Returns the number of sequences that are looked at. */
  public int sequences() {
    return sample.size();
  }

  /** Returns the name of the recurrent layer. */
  public String layer() {
    return network.recurrentName();
  }

  /** Measures, at a moment of training, every recurrent layer of the stack. */
  public List<FlowMoment> measure(String moment, Parameters parameters) {
    Map<String, double[]> weights = new HashMap<>();
    for (Parameter parameter : parameters.table().all()) {
      weights.put(parameter.name(), parameters.download(parameter.name()));
    }
    CellStack cells = network.cells(weights);
    List<Tally> tallies = new ArrayList<>();
    List<Cell.Weights> unused = new ArrayList<>();
    for (Cell cell : cells.cells()) {
      tallies.add(new Tally(network.cell(), cell.gateNames(), steps));
      unused.add(
          Cell.Weights.zeros(
              cell.gateNames().size(), cell.weights().inputSize(), cell.weights().hiddenSize()));
    }
    for (FlowSample.Sequence sequence : sample) {
      Cell.Step[][] forward = cells.forward(network.inputs(sequence, weights));
      double[][] dtop = network.outputGradients(forward[forward.length - 1], sequence, weights);
      CellStack.Gradients gradients = cells.backward(forward, dtop, unused);
      int shift = network.returnsSequence() ? 0 : steps - sequence.steps();
      for (int layer = 0; layer < tallies.size(); layer++) {
        tallies.get(layer).add(forward[layer], gradients.dh()[layer], shift);
      }
    }
    List<FlowMoment> moments = new ArrayList<>();
    for (int layer = 0; layer < tallies.size(); layer++) {
      moments.add(tallies.get(layer).mean(moment, layer));
    }
    return moments;
  }

  /** Sums over sequences. */
  private static final class Tally {
    private final RecurrentCell cell;
    private final List<String> gates;
    private final double[] norms;
    private final double[][] saturated;
    private final int[] counts;

    Tally(RecurrentCell cell, List<String> gates, int steps) {
      this.cell = cell;
      this.gates = gates;
      norms = new double[steps];
      saturated = new double[gates.size()][steps];
      counts = new int[steps];
    }

    void add(Cell.Step[] steps, double[][] dh, int shift) {
      for (int t = 0; t < steps.length; t++) {
        norms[t + shift] += norm(dh[t]);
        counts[t + shift]++;
        for (int gate = 0; gate < saturated.length; gate++) {
          saturated[gate][t + shift] += saturatedShare(cell, gate, steps[t].gates()[gate]);
        }
      }
    }

    FlowMoment mean(String moment, int layer) {
      return new FlowMoment(
          moment,
          layer,
          gates,
          mean(norms),
          Arrays.stream(saturated).map(this::mean).toArray(double[][]::new));
    }

    private double[] mean(double[] sums) {
      double[] means = new double[sums.length];
      for (int t = 0; t < sums.length; t++) {
        means[t] = counts[t] == 0 ? Double.NaN : sums[t] / counts[t];
      }
      return means;
    }
  }

  /** The squares of a gradient that vanishes would be 0 long before it is. */
  private static double norm(double[] vector) {
    double norm = 0;
    for (double value : vector) {
      norm = Math.hypot(norm, value);
    }
    return norm;
  }

  /** Returns the share of a gate's units at which hardly any gradient passes. */
  static double saturatedShare(RecurrentCell cell, int gate, double[] values) {
    return Arrays.stream(values).filter(value -> isSaturated(cell, gate, value)).count()
        / (double) values.length;
  }

  private static boolean isSaturated(RecurrentCell cell, int gate, double value) {
    if (cell == RecurrentCell.RNN_RELU) {
      return value <= 0;
    }
    // The rows of the gates: input, forget, cell, output; reset, update, new.
    boolean tanh = cell == RecurrentCell.RNN_TANH || gate == 2;
    return tanh ? Math.abs(value) > TANH_EDGE : value < SIGMOID_EDGE || value > 1 - SIGMOID_EDGE;
  }
}
