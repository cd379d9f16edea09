package dev.tandem.models.layers;

import dev.tandem.engine.Shape;
import dev.tandem.engine.Softmax;
import dev.tandem.engine.Tensor;
import java.util.Map;

/**
 * Softmax along the last axis: {@code y_j = exp(x_j) / sum_k exp(x_k)}. A classifier needs none at
 * its end, because the loss {@code cce} takes logits.
 */
public final class SoftmaxLayer extends Layer {
  /** Makes a layer. */
  public SoftmaxLayer(String name) {
    super(name);
  }

  @Override
  public String type() {
    return "softmax";
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
    features(input);
    return input;
  }

  @Override
  public long flops(Shape input) {
    return 4 * input.elements();
  }

  @Override
  public BoundLayer bind(Binding binding, Tensor x, Tensor dx) {
    Softmax softmax = binding.backend().softmax();
    Tensor y = binding.likeInput(name(), x);
    Tensor dy = binding.gradientOf(y);
    return new BoundLayer(name(), y, dy) {
      @Override
      public void forward() {
        softmax.softmax(x, y);
      }

      @Override
      public void backward() {
        if (dx != null) {
          softmax.softmaxBackward(y, dy, dx);
        }
      }
    };
  }
}
