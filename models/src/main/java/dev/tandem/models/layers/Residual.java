package dev.tandem.models.layers;

import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Elementwise;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.Transfers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A residual block (He et al. 2016, equation 1): {@code y = x + F(x)} with F the layers inside;
 * {@code dx = dy + dF/dx}.
 */
public final class Residual extends Layer {
  private final List<Layer> layers;

  /**
   * Makes a block.
   *
   * @param name the block's name
   * @param layers F, at least one layer, giving the shape that it takes
   */
  public Residual(String name, List<Layer> layers) {
    super(name);
    this.layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw error("it has no layers (give it some)");
    }
  }

  /** Returns F. */
  public List<Layer> layers() {
    return layers;
  }

  @Override
  public String type() {
    return "residual";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("layers", layers);
  }

  @Override
  public boolean takesSequences() {
    return layers.stream().allMatch(Layer::takesSequences);
  }

  @Override
  public boolean recurs() {
    return layers.stream().anyMatch(Layer::recurs);
  }

  @Override
  public boolean looksAhead() {
    return layers.stream().anyMatch(Layer::looksAhead);
  }

  @Override
  public Shape outputShape(Shape input) {
    Shape shape = outputShape(layers, input);
    if (!shape.equals(input)) {
      throw error(
          "its layers turn %s into %s, which cannot be added to the input (end with a layer that gives %s)",
          input, shape, input);
    }
    return shape;
  }

  @Override
  public void declare(Shape input, ParameterTable parameters) {
    parameters.declareAll(layers, input);
  }

  @Override
  public long flops(Shape input) {
    long flops = input.elements();
    Shape shape = input;
    for (Layer layer : layers) {
      flops += layer.flops(shape);
      shape = layer.outputShape(shape);
    }
    return flops;
  }

  @Override
  public BoundLayer bind(Binding binding, Tensor x, Tensor dx) {
    Elementwise elementwise = binding.backend().elementwise();
    Transfers transfers = binding.backend().transfers();
    List<BoundLayer> inner = new ArrayList<>(binding.bindAll(layers, x, dx));
    BoundLayer last = inner.get(inner.size() - 1);
    Tensor y = binding.likeInput(name(), x);
    Tensor dy = binding.gradientOf(y);
    return new BoundLayer(name(), y, dy) {
      @Override
      public List<BoundLayer> inner() {
        return inner;
      }

      @Override
      public void resetState() {
        inner.forEach(BoundLayer::resetState);
      }

      @Override
      public void forward() {
        inner.forEach(BoundLayer::forward);
        elementwise.add(x, last.output(), Broadcast.SAME, y);
      }

      @Override
      public void backward() {
        if (last.outputGradient() != null) {
          transfers.copy(dy, last.outputGradient());
        }
        for (int i = inner.size() - 1; i >= 0; i--) {
          inner.get(i).backward();
        }
        if (dx != null) {
          elementwise.axpy(1, dy, dx);
        }
      }
    };
  }
}
