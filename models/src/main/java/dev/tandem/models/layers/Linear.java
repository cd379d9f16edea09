package dev.tandem.models.layers;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Backend;
import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Reductions;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fully connected layer, on the last axis of its input:
 *
 * <pre>{@code
 * y  = x W^T + b        x [..., in], W [out, in], b [out], y [..., out]
 * dx = dy W
 * dW += dy^T x
 * db += sum over rows of dy
 * }</pre>
 */
public final class Linear extends Layer {
  private final int units;
  private final boolean bias;

  /**
   * Makes a layer.
   *
   * @param name the layer's name
   * @param units the number of outputs, at least 1
   * @param bias whether b is there
   */
  public Linear(String name, int units, boolean bias) {
    super(name);
    this.units = units;
    this.bias = bias;
    if (units < 1) {
      throw error("units is %d (give 1 or more)", units);
    }
  }

  /** Reads a layer from an architecture file. */
  static Layer read(String name, LayerFields fields) {
    return new Linear(name, fields.integer("units"), fields.flag("bias", true));
  }

  @Override
  public String type() {
    return "linear";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("units", units);
    settings.put("bias", bias);
    return settings;
  }

  @Override
  public boolean takesSequences() {
    return true;
  }

  @Override
  public Shape outputShape(Shape input) {
    features(input);
    int[] extents = input.toArray();
    extents[extents.length - 1] = units;
    return Shape.of(extents);
  }

  @Override
  public void declare(Shape input, ParameterTable parameters) {
    int in = features(input);
    parameters.add(name() + ".weight", Shape.of(units, in), parameters.beforeActivation(in, units));
    if (bias) {
      parameters.add(name() + ".bias", Shape.of(units), parameters.bias(in));
    }
  }

  @Override
  public long flops(Shape input) {
    return (2L * features(input) + (bias ? 1 : 0)) * outputShape(input).elements();
  }

  @Override
  public BoundLayer bind(Binding binding, Tensor x, Tensor dx) {
    return new Bound(this, name(), Activation.IDENTITY, false, binding, x, dx);
  }

  /**
   * Binds this layer together with the activation that follows it, applied while the product is in
   * cache.
   *
   * @param derives whether the derivative of the activation is applied here
   */
  BoundLayer bindWith(ActivationLayer next, boolean derives, Binding binding, Tensor x, Tensor dx) {
    return new Bound(this, name() + " + " + next.name(), next.function(), derives, binding, x, dx);
  }

  private static final class Bound extends BoundLayer {
    private final Backend backend;
    private final Activation activation;
    private final boolean derives;
    private final Tensor x;
    private final Tensor dx;
    private final Tensor w;
    private final Tensor b;
    private final Tensor dw;
    private final Tensor db;
    private final GemmSpec product;
    private final GemmSpec inputGradient;
    private final GemmSpec weightGradient;

    private Bound(
        Linear layer,
        String name,
        Activation activation,
        boolean derives,
        Binding binding,
        Tensor x,
        Tensor dx) {
      this(layer, name, activation, derives, binding, x, dx, layer.output(binding, x));
    }

    private Bound(
        Linear layer,
        String name,
        Activation activation,
        boolean derives,
        Binding binding,
        Tensor x,
        Tensor dx,
        Tensor y) {
      super(name, y, binding.gradientOf(y));
      this.backend = binding.backend();
      this.activation = activation;
      this.derives = derives;
      this.x = x;
      this.dx = dx;
      w = binding.parameter(layer.name() + ".weight");
      dw = binding.parameterGradient(layer.name() + ".weight");
      b = layer.bias ? binding.parameter(layer.name() + ".bias") : null;
      db = layer.bias ? binding.parameterGradient(layer.name() + ".bias") : null;
      int rows = x.shape().rows();
      int in = x.shape().columns();
      product = GemmSpec.of(rows, layer.units, in).withTransposedB().withActivation(activation);
      inputGradient = GemmSpec.of(rows, in, layer.units);
      weightGradient = GemmSpec.of(layer.units, in, rows).withTransposedA().accumulating();
    }

    @Override
    public void forward() {
      backend.gemm().multiply(product, x, w, b, output());
    }

    @Override
    public void backward() {
      Tensor dy = outputGradient();
      if (derives) {
        backend.activations().backward(activation, output(), dy, dy);
      }
      backend.gemm().multiply(weightGradient, dy, x, null, dw);
      if (db != null) {
        backend.reductions().sum(dy, Reductions.Axis.ROWS, true, db);
      }
      if (dx != null) {
        backend.gemm().multiply(inputGradient, dy, w, null, dx);
      }
    }
  }

  private Tensor output(Binding binding, Tensor x) {
    int[] extents = x.shape().toArray();
    extents[extents.length - 1] = units;
    return binding.memory(name(), Shape.of(extents));
  }
}
