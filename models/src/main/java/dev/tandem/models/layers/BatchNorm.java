package dev.tandem.models.layers;

import dev.tandem.engine.Norms;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Batch normalisation (Ioffe and Szegedy 2015, algorithm 1) of features {@code [N,C]} or {@code
 * [N,C,L]}, or of pictures {@code [N,C,H,W]}: in training {@code y = gamma (x - mean) /
 * sqrt(variance + epsilon) + beta} with the batch's statistics of each channel, otherwise with the
 * running ones. The gradients stand at {@link Norms#batchNormBackward}.
 */
public final class BatchNorm extends Layer {
  private final boolean pictures;
  private final double momentum;
  private final double epsilon;

  /**
   * Makes a layer.
   *
   * @param name the layer's name
   * @param pictures whether examples are {@code [C,H,W]}; otherwise {@code [C]} or {@code [C,L]}
   * @param momentum the weight of a batch in the running statistics, in [0,1]
   * @param epsilon added to the variance, above 0
   */
  public BatchNorm(String name, boolean pictures, double momentum, double epsilon) {
    super(name);
    this.pictures = pictures;
    this.momentum = momentum;
    this.epsilon = epsilon;
    if (!(momentum >= 0 && momentum <= 1)) {
      throw error("momentum is %s (give a number from 0 to 1)", momentum);
    }
    if (!(epsilon > 0)) {
      throw error("epsilon is %s (give a number above 0)", epsilon);
    }
  }

  /** Reads {@code batchnorm1d} from an architecture file. */
  static Layer read1d(String name, LayerFields fields) {
    return read(name, false, fields);
  }

  /** Reads {@code batchnorm2d} from an architecture file. */
  static Layer read2d(String name, LayerFields fields) {
    return read(name, true, fields);
  }

  private static Layer read(String name, boolean pictures, LayerFields fields) {
    return new BatchNorm(
        name, pictures, fields.number("momentum", 0.1), fields.number("epsilon", 1e-5));
  }

  @Override
  public String type() {
    return pictures ? "batchnorm2d" : "batchnorm1d";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("momentum", momentum);
    settings.put("epsilon", epsilon);
    return settings;
  }

  @Override
  public Shape outputShape(Shape input) {
    if (pictures && input.rank() != 3) {
      throw error("the input is %s, expected [C,H,W] (use batchnorm1d)", input);
    }
    if (!pictures && input.rank() != 1 && input.rank() != 2) {
      throw error(
          "the input is %s, expected [C] or [C,L] (use batchnorm2d for pictures, or put a flatten in front)",
          input);
    }
    return input;
  }

  @Override
  public void declare(Shape input, ParameterTable parameters) {
    Shape channels = Shape.of(outputShape(input).dimension(0));
    parameters.add(name() + ".weight", channels, Initializer.constant(1));
    parameters.add(name() + ".bias", channels, Initializer.constant(0));
    parameters.addBuffer(name() + ".running_mean", channels, 0);
    parameters.addBuffer(name() + ".running_var", channels, 1);
  }

  @Override
  public long flops(Shape input) {
    return 8 * input.elements();
  }

  @Override
  public BoundLayer bind(Binding binding, Tensor x, Tensor dx) {
    Norms norms = binding.backend().norms();
    Tensor gamma = binding.parameter(name() + ".weight");
    Tensor beta = binding.parameter(name() + ".bias");
    Tensor runningMean = binding.parameter(name() + ".running_mean");
    Tensor runningVariance = binding.parameter(name() + ".running_var");
    Tensor y = binding.likeInput(name(), x);
    if (!binding.training()) {
      return new BoundLayer(name(), y, null) {
        @Override
        public void forward() {
          norms.batchNormInfer(epsilon, x, gamma, beta, runningMean, runningVariance, y);
        }

        @Override
        public void backward() {
          throw new IllegalStateException("bound for inference");
        }
      };
    }
    if (x.elements() / x.shape().dimension(1) < 2) {
      throw error(
          "a training batch of %d example gives it one value for each channel, which has no variance"
              + " (choose a --batch-size that does not leave a last batch of 1)",
          binding.batch());
    }
    Tensor dy = binding.gradientOf(y);
    Tensor mean = binding.memory(name() + " mean", gamma.shape());
    Tensor inverseDeviation = binding.memory(name() + " inverse deviation", gamma.shape());
    Tensor dgamma = binding.parameterGradient(name() + ".weight");
    Tensor dbeta = binding.parameterGradient(name() + ".bias");
    // The gradient of gamma is wanted even where nobody asks for that of the input.
    Tensor into = dx == null ? dy : dx;
    return new BoundLayer(name(), y, dy) {
      @Override
      public void forward() {
        norms.batchNormTrain(
            epsilon,
            momentum,
            x,
            gamma,
            beta,
            runningMean,
            runningVariance,
            y,
            mean,
            inverseDeviation);
      }

      @Override
      public void backward() {
        norms.batchNormBackward(x, gamma, mean, inverseDeviation, dy, into, dgamma, dbeta);
      }
    };
  }
}
