package dev.tandem.models.layers;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Activations;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.Map;

/**
 * An activation function, element by element: {@code y = f(x), dx = dy f'(x)}; see {@link
 * Activation}.
 */
public final class ActivationLayer extends Layer {
  private final Activation function;

  /** Makes a layer. */
  public ActivationLayer(String name, Activation function) {
    super(name);
    this.function = function;
  }

  /** Returns f. */
  public Activation function() {
    return function;
  }

  @Override
  public String type() {
    return LayerTypes.name(function);
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of();
  }

  @Override
  public boolean takesSequences() {
    return true;
  }

  @Override
  public Shape outputShape(Shape input) {
    return input;
  }

  /** Binds this layer for one behind it that gives the gradient of the input. */
  BoundLayer bindWithoutDerivative(Binding binding, Tensor x, Tensor dx) {
    Activations activations = binding.backend().activations();
    Tensor y = binding.likeInput(name(), x);
    return new BoundLayer(name(), y, dx) {
      @Override
      public void forward() {
        activations.forward(function, x, y);
      }

      @Override
      public void backward() {
        // The gradient of the input is there already.
      }
    };
  }

  @Override
  public BoundLayer bind(Binding binding, Tensor x, Tensor dx) {
    Activations activations = binding.backend().activations();
    Tensor y = binding.likeInput(name(), x);
    Tensor dy = binding.gradientOf(y);
    Tensor saved = function.derivativeFromOutput() ? y : x;
    return new BoundLayer(name(), y, dy) {
      @Override
      public void forward() {
        activations.forward(function, x, y);
      }

      @Override
      public void backward() {
        if (dx != null) {
          activations.backward(function, saved, dy, dx);
        }
      }
    };
  }
}
