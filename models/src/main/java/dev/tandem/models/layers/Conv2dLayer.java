package dev.tandem.models.layers;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Backend;
import dev.tandem.engine.Conv2d;
import dev.tandem.engine.Conv2dSpec;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Two-dimensional convolution (cross-correlation, as everywhere in the field) of pictures {@code
 * [C,H,W]}, with filters {@code [K,C/groups,R,S]}:
 *
 * <pre>{@code
 * y[k,p,q] = b[k] + sum_{c,r,s} w[k,c,r,s] x[c, p stride + r dilation - padding, q stride + ...]
 * }</pre>
 *
 * The gradients stand at {@link Conv2d}.
 */
public final class Conv2dLayer extends Layer {
  /**
   * What an architecture file says; heights before widths.
   *
   * @param filters K, at least 1
   * @param kernel R and S
   * @param stride steps of the kernel over the picture
   * @param padding zeros around the picture; null for "same": as many as keep its size, which takes
   *     a stride of 1 and an odd extent of the dilated kernel
   * @param dilation distances between the elements of the kernel
   * @param groups how many parts the channels are divided into, each with filters of its own
   * @param bias whether b is there
   */
  public record Settings(
      int filters,
      Pair kernel,
      Pair stride,
      Pair padding,
      Pair dilation,
      int groups,
      boolean bias) {
    /** A square kernel that moves by 1 and keeps the size of the picture. */
    public static Settings same(int filters, int kernel) {
      return new Settings(filters, Pair.of(kernel), Pair.ONE, null, Pair.ONE, 1, true);
    }

    /** Returns these settings with another stride and padding. */
    public Settings with(int newStride, int newPadding) {
      return new Settings(
          filters, kernel, Pair.of(newStride), Pair.of(newPadding), dilation, groups, bias);
    }

    /**
     * Returns these settings without b, as in front of a batch normalisation, which has its own.
     */
    public Settings withoutBias() {
      return new Settings(filters, kernel, stride, padding, dilation, groups, false);
    }
  }

  private final Settings settings;

  /**
   * Makes a layer.
   *
   * @param name the layer's name
   */
  public Conv2dLayer(String name, Settings settings) {
    super(name);
    this.settings = settings;
    if (settings.filters() < 1 || settings.groups() < 1) {
      throw error(
          "filters is %d, groups is %d (give 1 or more)", settings.filters(), settings.groups());
    }
    if (settings.padding() == null) {
      same("height", settings.kernel().height(), settings.dilation().height());
      same("width", settings.kernel().width(), settings.dilation().width());
      if (!settings.stride().equals(Pair.ONE)) {
        throw error("padding is \"same\", but stride is %s (give numbers)", settings.stride());
      }
    }
  }

  /** Reads a layer from an architecture file. */
  static Layer read(String name, LayerFields fields) {
    return new Conv2dLayer(
        name,
        new Settings(
            fields.integer("filters"),
            fields.pair("kernel"),
            fields.pair("stride", Pair.ONE),
            fields.isText("padding", "same") ? null : fields.pair("padding", Pair.of(0)),
            fields.pair("dilation", Pair.ONE),
            fields.integer("groups", 1),
            fields.flag("bias", true)));
  }

  private int same(String side, int kernel, int dilation) {
    int reach = (kernel - 1) * dilation;
    if (reach % 2 != 0) {
      throw error(
          "padding is \"same\", but the %s of its kernel is %d, which leaves more on one side than on the other (give an odd kernel, or numbers)",
          side, reach + 1);
    }
    return reach / 2;
  }

  private Pair padding() {
    return settings.padding() != null
        ? settings.padding()
        : new Pair(
            same("height", settings.kernel().height(), settings.dilation().height()),
            same("width", settings.kernel().width(), settings.dilation().width()));
  }

  @Override
  public String type() {
    return "conv2d";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("filters", settings.filters());
    map.put("kernel", settings.kernel().toJson());
    map.put("stride", settings.stride().toJson());
    map.put("padding", settings.padding() == null ? "same" : settings.padding().toJson());
    map.put("dilation", settings.dilation().toJson());
    map.put("groups", settings.groups());
    map.put("bias", settings.bias());
    return map;
  }

  private Conv2dSpec spec(int batch, Shape input) {
    if (input.rank() != 3) {
      throw error(
          "the input is %s, expected pictures [C,H,W] (give the input such a shape)", input);
    }
    Pair padding = padding();
    try {
      return new Conv2dSpec(
          batch,
          input.dimension(0),
          input.dimension(1),
          input.dimension(2),
          settings.filters(),
          settings.kernel().height(),
          settings.kernel().width(),
          settings.stride().height(),
          settings.stride().width(),
          padding.height(),
          padding.width(),
          settings.dilation().height(),
          settings.dilation().width(),
          settings.groups());
    } catch (IllegalArgumentException e) {
      throw error("%s", e.getMessage());
    }
  }

  @Override
  public Shape outputShape(Shape input) {
    Conv2dSpec spec = spec(1, input);
    return Shape.of(settings.filters(), spec.outHeight(), spec.outWidth());
  }

  @Override
  public void declare(Shape input, ParameterTable parameters) {
    Shape filter = spec(1, input).filter();
    int fanIn = (int) (filter.elements() / settings.filters());
    int kernel = settings.kernel().height() * settings.kernel().width();
    int fanOut = settings.filters() / settings.groups() * kernel;
    parameters.add(name() + ".weight", filter, parameters.beforeActivation(fanIn, fanOut));
    if (settings.bias()) {
      parameters.add(name() + ".bias", Shape.of(settings.filters()), parameters.bias(fanIn));
    }
  }

  @Override
  public long flops(Shape input) {
    return spec(1, input).flops() + (settings.bias() ? outputShape(input).elements() : 0);
  }

  @Override
  public BoundLayer bind(Binding binding, Tensor x, Tensor dx) {
    return bind(name(), Activation.IDENTITY, false, binding, x, dx);
  }

  /**
   * Binds this layer together with the activation that follows it.
   *
   * @param derives whether the derivative of the activation is applied here
   */
  BoundLayer bindWith(ActivationLayer next, boolean derives, Binding binding, Tensor x, Tensor dx) {
    return bind(name() + " + " + next.name(), next.function(), derives, binding, x, dx);
  }

  private BoundLayer bind(
      String boundName,
      Activation activation,
      boolean derives,
      Binding binding,
      Tensor x,
      Tensor dx) {
    Backend backend = binding.backend();
    int[] extents = x.shape().toArray();
    Shape example = Shape.of(extents[1], extents[2], extents[3]);
    Conv2d.Plan plan = backend.conv2d().plan(spec(extents[0], example));
    Tensor w = binding.parameter(name() + ".weight");
    Tensor b = settings.bias() ? binding.parameter(name() + ".bias") : null;
    Tensor dw = binding.parameterGradient(name() + ".weight");
    Tensor db = settings.bias() ? binding.parameterGradient(name() + ".bias") : null;
    Tensor y = binding.memory(boundName, outputShape(example).prepend(extents[0]));
    Tensor dy = binding.gradientOf(y);
    Tensor workspace = binding.workspace(plan.workspaceElements());
    return new BoundLayer(boundName, y, dy) {
      @Override
      public void forward() {
        backend.conv2d().forward(plan, x, w, b, activation, y, workspace);
      }

      @Override
      public void backward() {
        if (derives) {
          backend.activations().backward(activation, y, dy, dy);
        }
        backend.conv2d().backwardFilter(plan, x, dy, dw, workspace);
        if (db != null) {
          backend.conv2d().backwardBias(plan, dy, db);
        }
        if (dx != null) {
          backend.conv2d().backwardData(plan, dy, w, dx, workspace);
        }
      }
    };
  }
}
