package dev.tandem.models.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cells.Cell;
import dev.tandem.models.Executor;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.Program;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.RecurrentLayer;
import dev.tandem.models.training.Loss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GradientFlowTest {
  private static final int STEPS = 7;
  private static final int INPUTS = 3;
  private static final int HIDDEN = 5;
  private static final int CLASSES = 4;

  private static Backend backend;

  @BeforeAll
  static void open() {
    backend = Backends.open("scalar", BackendOptions.defaults().withThreads(1));
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private static Network network(RecurrentCell cell, int layers, boolean sequence) {
    return Network.builder("flow", Shape.of(STEPS, INPUTS))
        .recurrent(new RecurrentLayer.Settings(cell, HIDDEN, layers, false, 0, sequence))
        .linear(CLASSES)
        .build();
  }

  private static FlowSample.Sequence sequence(boolean everyStep) {
    Random random = new Random(3);
    double[][] numbers = new double[STEPS][INPUTS];
    for (double[] step : numbers) {
      Arrays.setAll(step, i -> random.nextGaussian());
    }
    int[] labels = {2, 0, 3, 1, 1, 2, 0};
    return new FlowSample.Sequence(null, numbers, everyStep ? labels : new int[] {2}, null);
  }

  private static Map<String, double[]> weights(Parameters parameters) {
    Map<String, double[]> weights = new HashMap<>();
    parameters.table().all().forEach(p -> weights.put(p.name(), parameters.download(p.name())));
    return weights;
  }

  private static List<Cell.Weights> zeros(CellStack stack) {
    List<Cell.Weights> zeros = new ArrayList<>();
    for (Cell cell : stack.cells()) {
      zeros.add(
          Cell.Weights.zeros(
              cell.gateNames().size(), cell.weights().inputSize(), cell.weights().hiddenSize()));
    }
    return zeros;
  }

  /** Tensors of a network with its loss. */
  private record Engine(Program program, Tensor labels, Tensor loss) {}

  /** The gradient of the inputs {@code [T*I]} as the scalar backend computes it in double. */
  private static double[] engineInputGradient(
      Network network, Parameters parameters, FlowSample.Sequence sequence) {
    Executor.Size size = Executor.Size.of(network, 1, true);
    Executor.Attachment<Engine> attachment =
        (binding, program) ->
            new Engine(
                program,
                binding.tensor(
                    MemoryKind.IO,
                    "labels",
                    DataType.INT32,
                    Shape.of(program.output().shape().rows())),
                binding.tensor(MemoryKind.IO, "loss", DataType.FLOAT64, Shape.of(2)));
    try (Executor executor =
        new Executor(
            network, parameters, backend, DataType.FLOAT64, true, List.of(size), attachment)) {
      Engine engine = executor.program(size, attachment);
      double[] flat = Arrays.stream(sequence.numbers()).flatMapToDouble(Arrays::stream).toArray();
      backend.transfers().upload(flat, 0, engine.program().input());
      backend.transfers().upload(sequence.labels(), 0, engine.labels());
      engine.program().forward();
      backend
          .losses()
          .softmaxCrossEntropy(
              CrossEntropySpec.PLAIN,
              engine.program().output(),
              engine.labels(),
              null,
              engine.loss(),
              engine.program().outputGradient());
      engine.program().backward();
      double[] dx = new double[flat.length];
      backend.transfers().download(engine.program().inputGradient(), dx, 0);
      return dx;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "LSTM,1,false",
    "LSTM,2,true",
    "GRU,1,true",
    "GRU,3,false",
    "RNN_TANH,2,false",
    "RNN_RELU,1,true"
  })
  void gradientsOfTheInputsAreThoseOfTheEngine(RecurrentCell cell, int layers, boolean everyStep) {
    Network network = network(cell, layers, everyStep);
    FlowSample.Sequence sequence = sequence(everyStep);
    try (Parameters parameters =
        new Parameters(
            network.parameters(Initializer.Scheme.PYTORCH), backend, DataType.FLOAT64, true, 0)) {
      parameters.initialize(5);
      FlowNetwork flow = new FlowNetwork(network, Loss.CCE);
      Map<String, double[]> weights = weights(parameters);
      CellStack cells = flow.cells(weights);
      Cell.Step[][] steps = cells.forward(flow.inputs(sequence, weights));
      double[][] dtop = flow.outputGradients(steps[layers - 1], sequence, weights);

      double[][] dx = cells.backward(steps, dtop, zeros(cells)).dx();

      double[] expected = engineInputGradient(network, parameters, sequence);
      assertThat(Arrays.stream(expected).map(Math::abs).max().orElseThrow()).isGreaterThan(1e-3);
      assertThat(Arrays.stream(dx).flatMapToDouble(Arrays::stream).toArray())
          .containsExactly(expected, within(1e-12));
    }
  }

  @ParameterizedTest
  @EnumSource(RecurrentCell.class)
  void gradientsOfTheStatesAreFiniteDifferences(RecurrentCell kind) {
    Random random = new Random(8);
    Cell.Weights weights = Cell.Weights.zeros(kind.gates(), INPUTS, HIDDEN);
    for (double[] block :
        List.of(weights.weightIh(), weights.weightHh(), weights.biasIh(), weights.biasHh())) {
      Arrays.setAll(block, i -> 0.5 * random.nextGaussian());
    }
    Cell cell = Cell.of(kind, weights);
    CellStack stack = new CellStack(List.of(cell));
    double[][] x = sequence(false).numbers();
    Cell.Step[][] steps = stack.forward(x);
    // L = the sum over all steps of (t + 1) times the sum of h_t.
    double[][] dtop = new double[STEPS][HIDDEN];
    for (int t = 0; t < STEPS; t++) {
      Arrays.fill(dtop[t], t + 1);
    }

    double[][] dh = stack.backward(steps, dtop, zeros(stack)).dh()[0];

    double small = 1e-6;
    for (int t = 0; t < STEPS; t++) {
      for (int j = 0; j < HIDDEN; j++) {
        double difference =
            lossFrom(cell, x, steps[0][t], t, j, small)
                - lossFrom(cell, x, steps[0][t], t, j, -small);
        assertThat(dh[t][j]).isCloseTo(difference / (2 * small), within(1e-6));
      }
    }
  }

  /** The loss of steps t and later after a change to one unit of h_t. */
  private static double lossFrom(
      Cell cell, double[][] x, Cell.Step at, int t, int unit, double change) {
    double[] h = at.h().clone();
    double[] c = at.c();
    h[unit] += change;
    double loss = (t + 1) * Arrays.stream(h).sum();
    for (int later = t + 1; later < STEPS; later++) {
      Cell.Step step = cell.forward(x[later], h, c);
      h = step.h();
      c = step.c();
      loss += (later + 1) * Arrays.stream(h).sum();
    }
    return loss;
  }

  @Test
  void gradientHalvesWithEveryStepBackIfTheRecurrentWeightIsOneHalf() {
    // Without input h stays 0, where tanh' = 1: dL/dh_t = 0.5 dL/dh_{t+1}.
    Cell.Weights weights = Cell.Weights.zeros(1, 1, 2);
    weights.weightHh()[0] = 0.5;
    weights.weightHh()[3] = 0.5;
    CellStack stack = new CellStack(List.of(Cell.of(RecurrentCell.RNN_TANH, weights)));
    double[][] dtop = new double[4][2];
    dtop[3] = new double[] {1, -2};

    double[][] dh = stack.backward(stack.forward(new double[4][1]), dtop, zeros(stack)).dh()[0];

    assertThat(dh).isDeepEqualTo(new double[][] {{0.125, -0.25}, {0.25, -0.5}, {0.5, -1}, {1, -2}});
  }

  @Test
  void unitsAreSaturatedWhereHardlyAnyGradientPasses() {
    double[] values = {0.04, 0.06, 0.94, 0.96};
    assertThat(GradientFlow.saturatedShare(RecurrentCell.LSTM, 0, values)).isEqualTo(0.5);
    assertThat(GradientFlow.saturatedShare(RecurrentCell.LSTM, 2, values)).isEqualTo(0.25);
    assertThat(GradientFlow.saturatedShare(RecurrentCell.GRU, 1, values)).isEqualTo(0.5);
    double[] states = {-0.96, -0.94, 0, 0.5};
    assertThat(GradientFlow.saturatedShare(RecurrentCell.GRU, 2, states)).isEqualTo(0.25);
    assertThat(GradientFlow.saturatedShare(RecurrentCell.RNN_TANH, 0, states)).isEqualTo(0.25);
    assertThat(GradientFlow.saturatedShare(RecurrentCell.RNN_RELU, 0, states)).isEqualTo(0.75);
  }

  @Test
  void otherNetworksAreRefusedByTheNameOfTheLayer() {
    RecurrentLayer.Settings both =
        new RecurrentLayer.Settings(RecurrentCell.GRU, 4, 1, true, 0, false);
    Network.Builder builder = Network.builder("n", Shape.of(STEPS, INPUTS));
    refused(
        builder.recurrent(both).linear(1).build(),
        "--gradient-flow follows one direction, and layer 'gru1' reads from both ends (leave it out, or train without --bidirectional)");
    refused(
        Network.builder("n", Shape.of(STEPS, INPUTS))
            .recurrent(new RecurrentLayer.Settings(RecurrentCell.LSTM, 4, 1, false, 0, false))
            .linear(3)
            .tanh()
            .build(),
        "--gradient-flow is for networks [embedding or linear] - recurrent - linear, in which layer 'act1' (tanh) has no place (leave it out)");
    refused(
        Network.builder("ann", Shape.of(4)).linear(1).build(),
        "--gradient-flow follows gradients through time, and network 'ann' has no recurrent layer (leave it out, or train --model lstm)");
  }

  private static void refused(Network network, String message) {
    assertThatThrownBy(() -> new FlowNetwork(network, Loss.MSE))
        .isInstanceOf(ModelException.class)
        .hasMessage(message);
  }

  @Test
  void fileHoldsWhatWasWritten() {
    FlowMoment first =
        new FlowMoment(
            "beginning",
            0,
            List.of("reset", "new"),
            new double[] {Double.NaN, 1e-30},
            new double[][] {{0, 0.25}, {1, 0.5}});
    FlowMoment second =
        new FlowMoment("end", 1, first.gates(), new double[] {2, 3}, first.saturation());

    String text = FlowFile.write(List.of(first, second));

    assertThat(text).startsWith("moment,layer,time_step,norm,reset_saturated,new_saturated\n");
    List<FlowMoment> read = FlowFile.read("f", text.lines().toList());
    assertThat(FlowFile.write(read)).isEqualTo(text);
    assertThat(read.get(0).norms()).containsExactly(first.norms());
    assertThat(read.get(1).saturation()).isDeepEqualTo(second.saturation());
    assertThatThrownBy(() -> FlowFile.read("f", List.of(text.lines().findFirst().get(), "x,1")))
        .hasMessage(
            "f, line 2: this is not what 'tandem train --gradient-flow' wrote (was it changed since the run?)");
  }
}
