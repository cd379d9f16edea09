package dev.tandem.models.layers;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Activations;
import dev.tandem.engine.Pool2d;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The largest value or the mean of each window of a picture {@code [C,H,W]}, channel by channel;
 * the gradients stand at {@link Pool2d}.
 */
public final class Pool2dLayer extends Layer {
  private final Pool2dSpec.Mode mode;
  private final Pair kernel;
  private final Pair stride;
  private final Pair padding;
  private final boolean countIncludePad;

  /**
   * Makes a layer.
   *
   * @param name the layer's name
   * @param mode what becomes of a window
   * @param kernel the window; null for the whole picture, which leaves {@code [C]}
   * @param stride its steps; null for the kernel's extents
   * @param padding around the picture; never the largest, and 0 in means
   * @param countIncludePad whether a mean divides by the padding's elements too
   */
  public Pool2dLayer(
      String name,
      Pool2dSpec.Mode mode,
      Pair kernel,
      Pair stride,
      Pair padding,
      boolean countIncludePad) {
    super(name);
    this.mode = mode;
    this.kernel = kernel;
    this.stride = stride == null ? kernel : stride;
    this.padding = padding;
    this.countIncludePad = countIncludePad;
  }

  /** Reads {@code maxpool2d} from an architecture file. */
  static Layer readMax(String name, LayerFields fields) {
    Pair kernel = fields.pair("kernel");
    return new Pool2dLayer(
        name,
        Pool2dSpec.Mode.MAX,
        kernel,
        fields.pair("stride", kernel),
        fields.pair("padding", Pair.of(0)),
        true);
  }

  /** Reads {@code avgpool2d} from an architecture file. */
  static Layer readAverage(String name, LayerFields fields) {
    Pair kernel = fields.pair("kernel");
    return new Pool2dLayer(
        name,
        Pool2dSpec.Mode.AVERAGE,
        kernel,
        fields.pair("stride", kernel),
        fields.pair("padding", Pair.of(0)),
        fields.flag("countIncludePad", true));
  }

  /** The mean of each channel. */
  public static Pool2dLayer globalAverage(String name) {
    return new Pool2dLayer(name, Pool2dSpec.Mode.AVERAGE, null, null, Pair.of(0), true);
  }

  @Override
  public String type() {
    if (kernel == null) {
      return "globalavgpool2d";
    }
    return mode == Pool2dSpec.Mode.MAX ? "maxpool2d" : "avgpool2d";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    if (kernel != null) {
      settings.put("kernel", kernel.toJson());
      settings.put("stride", stride.toJson());
      settings.put("padding", padding.toJson());
      if (mode == Pool2dSpec.Mode.AVERAGE) {
        settings.put("countIncludePad", countIncludePad);
      }
    }
    return settings;
  }

  private Pool2dSpec spec(int batch, Shape input) {
    if (input.rank() != 3) {
      throw error(
          "the input is %s, expected pictures [C,H,W] (give the input such a shape)", input);
    }
    Pair whole = new Pair(input.dimension(1), input.dimension(2));
    Pair window = kernel == null ? whole : kernel;
    Pair step = kernel == null ? whole : stride;
    try {
      return new Pool2dSpec(
          mode,
          batch,
          input.dimension(0),
          input.dimension(1),
          input.dimension(2),
          window.height(),
          window.width(),
          step.height(),
          step.width(),
          padding.height(),
          padding.width(),
          countIncludePad);
    } catch (IllegalArgumentException e) {
      throw error("%s", e.getMessage());
    }
  }

  @Override
  public Shape outputShape(Shape input) {
    Pool2dSpec spec = spec(1, input);
    return kernel == null
        ? Shape.of(input.dimension(0))
        : Shape.of(input.dimension(0), spec.outHeight(), spec.outWidth());
  }

  @Override
  public long flops(Shape input) {
    Pool2dSpec spec = spec(1, input);
    return (long) spec.outHeight()
        * spec.outWidth()
        * input.dimension(0)
        * spec.kernelHeight()
        * spec.kernelWidth();
  }

  /** Returns whether every output is an element of the input. */
  boolean choosesElements() {
    return mode == Pool2dSpec.Mode.MAX;
  }

  @Override
  public BoundLayer bind(Binding binding, Tensor x, Tensor dx) {
    return bindBehind(Activation.IDENTITY, binding, x, dx);
  }

  /**
   * Binds this layer behind an activation {@code x = f(z)} that leaves its derivative to it: what
   * is written to dx is the gradient of z.
   */
  BoundLayer bindBehind(Activation function, Binding binding, Tensor x, Tensor dx) {
    Activations activations = binding.backend().activations();
    Pool2d pool = binding.backend().pool2d();
    int[] extents = x.shape().toArray();
    Shape example = Shape.of(extents[1], extents[2], extents[3]);
    Pool2dSpec spec = spec(extents[0], example);
    Tensor y = binding.memory(name(), outputShape(example).prepend(extents[0]));
    Tensor dy = binding.gradientOf(y);
    return new BoundLayer(name(), y, dy) {
      @Override
      public void forward() {
        pool.forward(spec, x, y);
      }

      @Override
      public void backward() {
        if (dx != null) {
          if (function != Activation.IDENTITY) {
            activations.backward(function, y, dy, dy);
          }
          pool.backward(spec, x, y, dy, dx);
        }
      }
    };
  }
}
