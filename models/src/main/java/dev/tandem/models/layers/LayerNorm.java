package dev.tandem.models.layers;

import dev.tandem.engine.Norms;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.Map;

/**
 * Layer normalisation (Ba et al. 2016) along the last axis: {@code y = gamma (x - mean) /
 * sqrt(variance + epsilon) + beta} with the statistics of each row. The gradients stand at {@link
 * Norms#layerNormBackward}.
 */
public final class LayerNorm extends Layer {
  private final double epsilon;

  /** Makes a layer with an epsilon above 0. */
  public LayerNorm(String name, double epsilon) {
    super(name);
    this.epsilon = epsilon;
    if (!(epsilon > 0)) {
      throw error("epsilon is %s (give a number above 0)", epsilon);
    }
  }

  /** Reads a layer from an architecture file. */
  static Layer read(String name, LayerFields fields) {
    return new LayerNorm(name, fields.number("epsilon", 1e-5));
  }

  @Override
  public String type() {
    return "layernorm";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("epsilon", epsilon);
  }

  @Override
  public boolean takesSequences() {
    return true;
  }

  @Override
  public Shape outputShape(Shape input) {
    features(input);
    return input;
  }

  @Override
  public void declare(Shape input, ParameterTable parameters) {
    Shape features = Shape.of(features(input));
    parameters.add(name() + ".weight", features, Initializer.constant(1));
    parameters.add(name() + ".bias", features, Initializer.constant(0));
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
    Tensor y = binding.likeInput(name(), x);
    Tensor dy = binding.gradientOf(y);
    Shape rows = Shape.of(x.shape().rows());
    Tensor mean = binding.memory(name() + " mean", rows);
    Tensor inverseDeviation = binding.memory(name() + " inverse deviation", rows);
    Tensor dgamma = binding.parameterGradient(name() + ".weight");
    Tensor dbeta = binding.parameterGradient(name() + ".bias");
    Tensor into = dx == null ? dy : dx;
    return new BoundLayer(name(), y, dy) {
      @Override
      public void forward() {
        norms.layerNorm(epsilon, x, gamma, beta, y, mean, inverseDeviation);
      }

      @Override
      public void backward() {
        norms.layerNormBackward(x, gamma, mean, inverseDeviation, dy, into, dgamma, dbeta);
      }
    };
  }
}
