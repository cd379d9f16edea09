package dev.tandem.models.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.Executor;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.Program;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What layers do when they are bound and run. Their derivatives: GradientCheckTest. */
class LayersTest {
  private Backend backend;

  @BeforeEach
  void open() {
    backend = Backends.open("scalar", BackendOptions.defaults());
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void dropoutDropsInTrainingOnly() {
    Network network = Network.builder("dropout", Shape.of(1000)).dropout(0.25).build();
    double[] ones = new double[1000];
    Arrays.fill(ones, 1);
    try (Session session = new Session(network, size(1, true), size(1, false))) {
      assertThat(session.run(size(1, false), ones)).containsExactly(ones);

      double[] y = session.run(size(1, true), ones);
      assertThat(y).containsOnly(0, 1 / 0.75);
      // Five deviations of a binomial distribution: 5 sqrt(1000 * 0.25 * 0.75) = 68.
      assertThat(Arrays.stream(y).filter(value -> value == 0).count()).isBetween(182L, 318L);
    }
  }

  @Test
  void twoDropoutLayersHaveDifferentMasks() {
    Network network = Network.builder("dropout", Shape.of(1000)).dropout(0.5).dropout(0.5).build();
    double[] ones = new double[1000];
    Arrays.fill(ones, 1);
    try (Session session = new Session(network, size(1, true))) {
      double[] y = session.run(size(1, true), ones);
      // With one mask for both, half would be kept; with two a quarter, and 5 deviations are 69.
      assertThat(Arrays.stream(y).filter(value -> value == 4).count()).isBetween(181L, 319L);
    }
  }

  @Test
  void batchNormTakesTheBatchInTrainingAndTheRunningStatisticsOtherwise() {
    Network network = Network.builder("bn", Shape.of(1)).batchNorm1d().build();
    try (Session session = new Session(network, size(2, true), size(2, false))) {
      double[] x = {1, 5};
      // Running mean 0 and variance 1 to begin with.
      assertThat(session.run(size(2, false), x))
          .containsExactly(
              new double[] {1 / Math.sqrt(1 + 1e-5), 5 / Math.sqrt(1 + 1e-5)}, within(1e-12));
      // Mean 3, variance 4.
      double scaled = 2 / Math.sqrt(4 + 1e-5);
      assertThat(session.run(size(2, true), x))
          .containsExactly(new double[] {-scaled, scaled}, within(1e-12));
      // Momentum 0.1 of the mean and of the unbiased variance 8.
      assertThat(session.values("bn1.running_mean"))
          .containsExactly(new double[] {0.3}, within(1e-12));
      assertThat(session.values("bn1.running_var"))
          .containsExactly(new double[] {1.7}, within(1e-12));
      assertThat(session.run(size(2, false), x))
          .containsExactly(
              new double[] {0.7 / Math.sqrt(1.7 + 1e-5), 4.7 / Math.sqrt(1.7 + 1e-5)},
              within(1e-12));
    }
  }

  @Test
  void batchNormNeedsTwoValuesForEachChannel() {
    Network network = Network.builder("bn", Shape.of(3)).batchNorm1d().build();

    assertThatThrownBy(() -> new Session(network, size(1, true)).close())
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "layer 'bn1' (batchnorm1d): a training batch of 1 example gives it one value for each channel, which has no variance (choose a --batch-size that does not leave a last batch of 1)");
  }

  @Test
  void batchesBeyondCountingAreErrors() {
    Network network = Network.builder("long", Shape.of(65536, 1)).linear(1).build();

    assertThatThrownBy(() -> new Session(network, size(65536, false)).close())
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "layer 'fc1' (linear): a batch of 65536 examples has more rows or elements than can be counted (choose a smaller --batch-size)");
  }

  @Test
  void linearOnSequencesIsLinearOnEachStep() {
    Network sequences = Network.builder("sequences", Shape.of(3, 4)).linear(2).build();
    Network steps = Network.builder("steps", Shape.of(4)).linear(2).build();
    double[] x = new Philox(3, 0).doubles(2 * 3 * 4).toArray();
    try (Session whole = new Session(sequences, size(2, false));
        Session single = new Session(steps, size(6, false))) {
      assertThat(sequences.output()).isEqualTo(Shape.of(3, 2));
      assertThat(whole.run(size(2, false), x)).containsExactly(single.run(size(6, false), x));
    }
  }

  @Test
  void embeddingOfPaddingIsZero() {
    Network network =
        Network.tokenBuilder("tokens", Shape.of(3))
            .add(new EmbeddingLayer("emb1", 4, 2, 1))
            .build();
    try (Session session = new Session(network, size(1, false))) {
      Program program = session.executor.program(size(1, false), (binding, bound) -> bound);
      backend.transfers().upload(new int[] {3, 1, 3}, 0, program.input());
      program.forward();
      double[] y = session.download(program.output());
      double[] w = session.values("emb1.weight");

      assertThat(y).containsExactly(w[6], w[7], 0, 0, w[6], w[7]);
    }
  }

  @Test
  void firstLayersGetGradientsThoughNobodyWantsThatOfTheInput() {
    for (Network network :
        List.of(
            Network.builder("linear", Shape.of(2, 3)).flatten().linear(4).tanh().build(),
            Network.builder("bn", Shape.of(6)).batchNorm1d().linear(4).build(),
            Network.builder("ln", Shape.of(6)).layerNorm().linear(4).build(),
            Network.builder("block", Shape.of(6)).residual(b -> b.linear(6)).build())) {
      Executor.Size size = size(5, true);
      double[] x = new Philox(4, 0).doubles(30, -1, 1).toArray();
      try (Session without = new Session(network, false, size);
          Session with = new Session(network, true, size)) {
        assertThat(without.gradients(size, x))
            .containsExactly(with.gradients(size, x))
            .matches(values -> Arrays.stream(values).anyMatch(value -> value != 0));
      }
    }
  }

  @Test
  void gradientsAccumulate() {
    Network network = Network.builder("linear", Shape.of(3)).linear(2).build();
    double[] x = new Philox(5, 0).doubles(12, -1, 1).toArray();
    try (Session session = new Session(network, size(4, true))) {
      double[] once = session.gradients(size(4, true), x);
      double[] twice = session.gradients(size(4, true), x);

      assertThat(twice).containsExactly(Arrays.stream(once).map(v -> 2 * v).toArray());
    }
  }

  @Test
  void batchSizesThatShareMemoryDoNotDisturbEachOther() {
    Network network =
        Network.builder("ann", Shape.of(3))
            .linear(7)
            .relu()
            .layerNorm()
            .residual(block -> block.linear(7).activation(Activation.GELU))
            .softmax()
            .build();
    Executor.Size[] sizes = {size(1, false), size(5, true), size(32, true), size(9, false)};
    try (Session shared = new Session(network, sizes)) {
      for (int round = 0; round < 2; round++) {
        for (Executor.Size size : sizes) {
          double[] x = new Philox(6, round).doubles(3L * size.batch(), -1, 1).toArray();
          try (Session alone = new Session(network, size)) {
            assertThat(shared.run(size, x)).containsExactly(alone.run(size, x));
          }
        }
      }
    }
  }

  @Test
  void equalSeedsGiveEqualWeights() {
    Network network = Network.builder("ann", Shape.of(20)).linear(30).relu().linear(20).build();
    try (Session first = new Session(network, size(1, false));
        Session second = new Session(network, size(1, false))) {
      assertThat(first.values("fc1.weight")).containsExactly(second.values("fc1.weight"));
      // As many elements, but another stream.
      assertThat(first.values("fc1.weight")).isNotEqualTo(first.values("fc2.weight"));

      second.parameters.initialize(2);
      assertThat(second.values("fc1.weight")).isNotEqualTo(first.values("fc1.weight"));
    }
  }

  @Test
  void weightsBeginWithinTheirBounds() {
    Network network =
        Network.builder("ann", Shape.of(40)).linear(50).relu().linear(60).tanh().linear(9).build();

    assertUniform(network, Initializer.Scheme.DEFAULT, "fc1.weight", Math.sqrt(6.0 / 40));
    assertUniform(network, Initializer.Scheme.DEFAULT, "fc2.weight", Math.sqrt(6.0 / 110));
    assertUniform(network, Initializer.Scheme.DEFAULT, "fc3.weight", Math.sqrt(6.0 / 69));
    assertThat(values(network, Initializer.Scheme.DEFAULT, "fc1.bias")).containsOnly(0);
    for (String kind : List.of(".weight", ".bias")) {
      assertUniform(network, Initializer.Scheme.PYTORCH, "fc1" + kind, 1 / Math.sqrt(40));
      assertUniform(network, Initializer.Scheme.PYTORCH, "fc2" + kind, 1 / Math.sqrt(50));
      assertUniform(network, Initializer.Scheme.PYTORCH, "fc3" + kind, 1 / Math.sqrt(60));
    }
  }

  /** Within the bounds, and on both sides beyond half of them, as 1 - 2 (3/4)^9 of draws are. */
  private void assertUniform(
      Network network, Initializer.Scheme scheme, String parameter, double bound) {
    double[] values = values(network, scheme, parameter);
    assertThat(Arrays.stream(values).max().getAsDouble()).isBetween(bound / 2, bound);
    assertThat(Arrays.stream(values).min().getAsDouble()).isBetween(-bound, -bound / 2);
  }

  private double[] values(Network network, Initializer.Scheme scheme, String parameter) {
    try (Parameters parameters =
        new Parameters(network.parameters(scheme), backend, DataType.FLOAT64, false, 0)) {
      parameters.initialize(1);
      Tensor tensor = parameters.get(parameter);
      double[] values = new double[(int) tensor.elements()];
      backend.transfers().download(tensor, values, 0);
      return values;
    }
  }

  private static Executor.Size size(int batch, boolean training) {
    return new Executor.Size(batch, 1, training, false, false);
  }

  /** A network with memory and the weights of seed 1. */
  private final class Session implements AutoCloseable {
    private final Parameters parameters;
    private final Executor executor;

    private Session(Network network, Executor.Size... sizes) {
      this(network, false, sizes);
    }

    private Session(Network network, boolean inputGradient, Executor.Size... sizes) {
      parameters =
          new Parameters(
              network.parameters(Initializer.Scheme.DEFAULT), backend, DataType.FLOAT64, true, 0);
      parameters.initialize(1);
      executor =
          new Executor(
              network,
              parameters,
              backend,
              DataType.FLOAT64,
              inputGradient,
              List.of(sizes),
              (binding, program) -> program);
    }

    private double[] run(Executor.Size size, double[] x) {
      Program program = executor.program(size, (binding, bound) -> bound);
      backend.transfers().upload(x, 0, program.input());
      program.forward();
      return download(program.output());
    }

    /** The gradients of all parameters after one more pass with a fixed gradient of the output. */
    private double[] gradients(Executor.Size size, double[] x) {
      Program program = executor.program(size, (binding, bound) -> bound);
      backend.transfers().upload(x, 0, program.input());
      program.forward();
      double[] r = new Philox(9, 0).doubles(program.output().elements(), -1, 1).toArray();
      backend.transfers().upload(r, 0, program.outputGradient());
      program.backward();
      return download(parameters.gradients());
    }

    private double[] values(String parameter) {
      return download(parameters.get(parameter));
    }

    private double[] download(Tensor tensor) {
      double[] values = new double[(int) tensor.elements()];
      backend.transfers().download(tensor, values, 0);
      return values;
    }

    @Override
    public void close() {
      executor.close();
      parameters.close();
    }
  }
}
