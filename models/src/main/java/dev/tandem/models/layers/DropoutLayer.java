package dev.tandem.models.layers;

import dev.tandem.engine.Dropout;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.Map;

/**
 * Inverted dropout (Srivastava et al. 2014): in training {@code y = x m / (1 - rate)} with a mask m
 * of zeros and ones, {@code dx = dy m / (1 - rate)}; otherwise {@code y = x}.
 */
public final class DropoutLayer extends Layer {
  private final double rate;

  /** Makes a layer that drops each element with a probability in [0,1). */
  public DropoutLayer(String name, double rate) {
    super(name);
    this.rate = rate;
    if (!(rate >= 0 && rate < 1)) {
      throw error("rate is %s (give a number from 0 to below 1)", rate);
    }
  }

  /** Reads a layer from an architecture file. */
  static Layer read(String name, LayerFields fields) {
    return new DropoutLayer(name, fields.number("rate"));
  }

  @Override
  public String type() {
    return "dropout";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("rate", rate);
  }

  @Override
  public boolean takesSequences() {
    return true;
  }

  @Override
  public Shape outputShape(Shape input) {
    return input;
  }

  @Override
  public BoundLayer bind(Binding binding, Tensor x, Tensor dx) {
    if (!binding.training()) {
      return new Passed(name(), x, dx);
    }
    Dropout dropout = binding.backend().dropout();
    Tensor state = binding.dropoutState();
    int stream = binding.nextDropoutStream();
    Tensor y = binding.likeInput(name(), x);
    Tensor dy = binding.gradientOf(y);
    return new BoundLayer(name(), y, dy) {
      @Override
      public void forward() {
        dropout.forward(rate, stream, state, x, y);
      }

      @Override
      public void backward() {
        if (dx != null) {
          dropout.backward(rate, stream, state, dy, dx);
        }
      }
    };
  }
}
