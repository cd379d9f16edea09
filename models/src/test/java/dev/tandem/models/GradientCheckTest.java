package dev.tandem.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.layers.Binding;
import dev.tandem.models.layers.BoundLayer;
import dev.tandem.models.layers.Layer;
import dev.tandem.models.layers.LayerTypes;
import dev.tandem.models.layers.Residual;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientCheckTest {
  private static Backend backend;

  @BeforeAll
  static void open() {
    backend = Backends.open("scalar", BackendOptions.defaults());
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  static List<GradientCases.Case> cases() {
    return GradientCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void derivativesAreRight(GradientCases.Case wanted) {
    GradientCheck.Result result = new GradientCheck(backend, 1).check(wanted);

    assertThat(result).matches(GradientCheck.Result::passed);
  }

  @Test
  void everyLayerTypeIsChecked() {
    Set<String> types = new TreeSet<>();
    GradientCases.all().forEach(wanted -> collect(wanted.network().layers(), types));

    assertThat(types).containsAll(LayerTypes.names());
  }

  private static void collect(List<Layer> layers, Set<String> types) {
    for (Layer layer : layers) {
      types.add(layer.type());
      if (layer instanceof Residual block) {
        collect(block.layers(), types);
      }
    }
  }

  @Test
  void equalSeedsGiveEqualResults() {
    GradientCases.Case wanted = GradientCases.all().get(0);

    assertThat(new GradientCheck(backend, 7).check(wanted))
        .isEqualTo(new GradientCheck(backend, 7).check(wanted))
        .isNotEqualTo(new GradientCheck(backend, 8).check(wanted));
  }

  @Test
  void wrongDerivativeIsCaught() {
    Network right = network(new Scaling("scale", 2, 2));
    // Wrong by one part in a hundred thousand.
    Network wrong = network(new Scaling("scale", 2, 2.00002));
    Network notANumber = network(new Scaling("scale", 2, Double.NaN));

    assertThat(check(right).passed()).isTrue();
    assertThat(check(wrong).passed()).isFalse();
    assertThat(check(wrong).worst()).isBetween(4.9e-6, 5.1e-6);
    assertThat(check(wrong).kinks()).isZero();
    assertThat(check(notANumber).passed()).isFalse();
    assertThat(check(notANumber).worst()).isNaN();
  }

  @Test
  void onlyTheLayersInFrontOfAWrongOneAreBlamed() {
    Network network =
        Network.builder("wrong", Shape.of(4))
            .linear(3)
            .add(new Scaling("scale", 2, 3))
            .linear(2)
            .build();

    // fc1's bias, weight or the input, but not fc2.
    assertThat(check(network).where()).matches("(input|fc1\\.(weight|bias))\\[\\d+]");
    // |3 - 2| / (3 + 2)
    assertThat(check(network).worst()).isBetween(0.19999, 0.20001);
  }

  @Test
  void kinksAreCountedAndTooManyFail() {
    // Stairs narrower than the widths over which differences are taken: no derivative anywhere.
    Network network =
        Network.builder("stairs", Shape.of(4)).add(new Scaling("stairs", 1, 1, 0.7e-5)).build();

    GradientCheck.Result result = check(network);
    assertThat(result.kinks()).isGreaterThan(0);
    assertThat(result.passed()).isFalse();
  }

  @Test
  void resultsAreJudged() {
    assertThat(new GradientCheck.Result("a", 100, 4, 9e-7, "w[0]").passed()).isTrue();
    assertThat(new GradientCheck.Result("a", 100, 5, 9e-7, "w[0]").passed()).isFalse();
    assertThat(new GradientCheck.Result("a", 100, 0, 1e-6, "w[0]").passed()).isFalse();
    assertThat(new GradientCheck.Result("a", 0, 0, 0, "").passed()).isFalse();
  }

  private static GradientCheck.Result check(Network network) {
    return new GradientCheck(backend, 1)
        .check(new GradientCases.Case("test", network, 3, GradientCases.Loss.PROJECTION));
  }

  private static Network network(Layer layer) {
    return Network.builder("test", Shape.of(4)).add(layer).build();
  }

  /** {@code y = forward x}, or a staircase of that; {@code dx = backward dy}, right or wrong. */
  private static final class Scaling extends Layer {
    private final double forward;
    private final double backward;
    private final double step;

    Scaling(String name, double forward, double backward) {
      this(name, forward, backward, 0);
    }

    Scaling(String name, double forward, double backward, double step) {
      super(name);
      this.forward = forward;
      this.backward = backward;
      this.step = step;
    }

    @Override
    public String type() {
      return "scaling";
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of();
    }

    @Override
    public Shape outputShape(Shape input) {
      return input;
    }

    @Override
    public BoundLayer bind(Binding binding, Tensor x, Tensor dx) {
      Tensor y = binding.likeInput(name(), x);
      return new BoundLayer(name(), y, binding.gradientOf(y)) {
        @Override
        public void forward() {
          binding.backend().elementwise().scale(forward, x, y);
          if (step > 0) {
            double[] values = new double[(int) y.elements()];
            binding.backend().transfers().download(y, values, 0);
            for (int i = 0; i < values.length; i++) {
              values[i] = step * Math.floor(values[i] / step);
            }
            binding.backend().transfers().upload(values, 0, y);
          }
        }

        @Override
        public void backward() {
          binding.backend().elementwise().scale(backward, outputGradient(), dx);
        }
      };
    }
  }
}
