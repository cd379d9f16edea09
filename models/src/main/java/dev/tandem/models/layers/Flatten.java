package dev.tandem.models.layers;

import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.Map;

/** Sees each example as one row: {@code [N, ...] -> [N, F]}. Nothing is computed or copied. */
public final class Flatten extends Layer {
  /** Makes a layer. */
  public Flatten(String name) {
    super(name);
  }

  @Override
  public String type() {
    return "flatten";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of();
  }

  @Override
  public Shape outputShape(Shape input) {
    return Shape.of(Math.toIntExact(input.elements()));
  }

  @Override
  public long flops(Shape input) {
    return 0;
  }

  @Override
  public BoundLayer bind(Binding binding, Tensor x, Tensor dx) {
    int batch = x.shape().dimension(0);
    Shape flat = Shape.of(batch, Math.toIntExact(x.elements() / Math.max(1, batch)));
    return new Passed(name(), x.reshape(flat), dx == null ? null : dx.reshape(flat));
  }
}
