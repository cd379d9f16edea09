package dev.tandem.models.layers;

import dev.tandem.engine.Backend;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.layers.ParameterTable.RecurrentGroup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A stack of recurrent layers over sequences {@code [T,I]}, see {@link Recurrent}; one step,
 * equation by equation, is in {@link dev.tandem.engine.cells}. It gives every step's output, {@code
 * [T,H*D]}, or the final hidden state of the top layer, {@code [H*D]}, both directions joined.
 */
public final class RecurrentLayer extends Layer {
  /** The types of architecture files. */
  public enum Kind {
    RNN,
    LSTM,
    GRU;

    /** Returns what an architecture file calls it. */
    public String type() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What an architecture file says.
   *
   * @param cell the cell
   * @param hiddenSize H, at least 1
   * @param layers L, at least 1
   * @param bidirectional whether every layer also runs from the last step to the first
   * @param dropout the rate between layers, in [0,1)
   * @param sequence whether every step's output is wanted rather than the final state
   */
  public record Settings(
      RecurrentCell cell,
      int hiddenSize,
      int layers,
      boolean bidirectional,
      double dropout,
      boolean sequence) {}

  private final Settings settings;

  /**
   * Makes a layer.
   *
   * @param name the layer's name
   */
  public RecurrentLayer(String name, Settings settings) {
    super(name);
    this.settings = settings;
    if (settings.hiddenSize() < 1 || settings.layers() < 1) {
      throw error(
          "hiddenSize is %d, layers is %d (give 1 or more)",
          settings.hiddenSize(), settings.layers());
    }
    if (!(settings.dropout() >= 0 && settings.dropout() < 1)) {
      throw error("dropout is %s (give a number from 0 to below 1)", settings.dropout());
    }
  }

  /** Reads a layer from an architecture file. */
  static Layer read(String name, Kind kind, LayerFields fields) {
    RecurrentCell cell =
        switch (kind) {
          case RNN ->
              fields.choice("nonlinearity", "tanh", List.of("tanh", "relu")).equals("tanh")
                  ? RecurrentCell.RNN_TANH
                  : RecurrentCell.RNN_RELU;
          case LSTM -> RecurrentCell.LSTM;
          case GRU -> RecurrentCell.GRU;
        };
    return new RecurrentLayer(
        name,
        new Settings(
            cell,
            fields.integer("hiddenSize"),
            fields.integer("layers", 1),
            fields.flag("bidirectional", false),
            fields.number("dropout", 0),
            fields.choice("return", "sequence", List.of("sequence", "last")).equals("sequence")));
  }

  @Override
  public String type() {
    return switch (settings.cell()) {
      case RNN_TANH, RNN_RELU -> Kind.RNN.type();
      case LSTM -> Kind.LSTM.type();
      case GRU -> Kind.GRU.type();
    };
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> map = new LinkedHashMap<>();
    if (settings.cell() == RecurrentCell.RNN_RELU) {
      map.put("nonlinearity", "relu");
    }
    map.put("hiddenSize", settings.hiddenSize());
    map.put("layers", settings.layers());
    map.put("bidirectional", settings.bidirectional());
    map.put("dropout", settings.dropout());
    map.put("return", settings.sequence() ? "sequence" : "last");
    return map;
  }

  /** Returns what it is made of. */
  public Settings recurrence() {
    return settings;
  }

  /** Returns whether it gives every step's output. */
  public boolean returnsSequence() {
    return settings.sequence();
  }

  @Override
  public boolean takesSequences() {
    return true;
  }

  @Override
  public boolean recurs() {
    return true;
  }

  @Override
  public boolean looksAhead() {
    return settings.bidirectional();
  }

  private int directions() {
    return settings.bidirectional() ? 2 : 1;
  }

  @Override
  public Shape outputShape(Shape input) {
    if (input.rank() != 2) {
      throw error(
          "the input is %s, expected sequences [T,I] (give the input such a shape, or put an embedding in front)",
          input);
    }
    int outputs = Math.multiplyExact(settings.hiddenSize(), directions());
    return settings.sequence() ? Shape.of(input.dimension(0), outputs) : Shape.of(outputs);
  }

  private RecurrentSpec spec(int time, int batch, int inputSize, int stream, boolean training) {
    return new RecurrentSpec(
        settings.cell(),
        time,
        batch,
        inputSize,
        settings.hiddenSize(),
        settings.layers(),
        settings.bidirectional(),
        settings.dropout(),
        stream,
        training);
  }

  @Override
  public void declare(Shape input, ParameterTable parameters) {
    outputShape(input);
    int hidden = settings.hiddenSize();
    int rows = Math.multiplyExact(settings.cell().gates(), hidden);
    RecurrentGroup group = new RecurrentGroup(name(), spec(1, 1, input.dimension(1), 0, false));
    for (int layer = 0; layer < settings.layers(); layer++) {
      int in = layer == 0 ? input.dimension(1) : hidden * directions();
      for (int direction = 0; direction < directions(); direction++) {
        String suffix = "_l" + layer + (direction == 0 ? "" : "_reverse");
        boolean pytorch = parameters.scheme() == Initializer.Scheme.PYTORCH;
        Initializer uniform = Initializer.uniform(1 / Math.sqrt(hidden));
        parameters.add(
            group,
            "weight_ih" + suffix,
            Shape.of(rows, in),
            pytorch ? uniform : Initializer.glorot(in, hidden));
        parameters.add(
            group,
            "weight_hh" + suffix,
            Shape.of(rows, hidden),
            pytorch ? uniform : Initializer.orthogonal(hidden));
        parameters.add(
            group, "bias_ih" + suffix, Shape.of(rows), pytorch ? uniform : inputBias(hidden));
        parameters.add(
            group, "bias_hh" + suffix, Shape.of(rows), pytorch ? uniform : Initializer.constant(0));
      }
    }
  }

  /** An LSTM begins by keeping its state: forget bias 1 (Gers et al. 2000). */
  private Initializer inputBias(int hidden) {
    Initializer zero = Initializer.constant(0);
    return settings.cell() == RecurrentCell.LSTM
        ? Initializer.blocks(hidden, zero, Initializer.constant(1), zero, zero)
        : zero;
  }

  @Override
  public long flops(Shape input) {
    return spec(input.dimension(0), 1, input.dimension(1), 0, false).flops();
  }

  @Override
  public BoundLayer bind(Binding binding, Tensor x, Tensor dx) {
    return new Bound(this, binding, x, dx);
  }

  private static final class Bound extends BoundLayer {
    private final Backend backend;
    private final RecurrentLayer layer;
    private final Recurrent.Plan plan;
    private final Recurrent.Forward forward;
    private final Recurrent.Backward backward;
    private final Tensor top;
    private final Tensor dtop;
    private final Tensor below;
    private final Tensor bothDirections;
    private final Tensor bothGradients;

    Bound(RecurrentLayer layer, Binding binding, Tensor x, Tensor dx) {
      this(layer, binding, x, dx, new Tensors(layer, binding, x));
    }

    private Bound(RecurrentLayer layer, Binding binding, Tensor x, Tensor dx, Tensors tensors) {
      super(
          layer.name(),
          layer.settings.sequence() ? tensors.y : tensors.joined,
          layer.settings.sequence() ? tensors.dy : tensors.djoined);
      this.layer = layer;
      backend = binding.backend();
      plan = tensors.plan;
      top = tensors.top;
      dtop = tensors.dtop;
      below = tensors.dbelow;
      bothDirections = tensors.byDirection(tensors.joined);
      bothGradients = tensors.byDirection(tensors.djoined);
      forward =
          new Recurrent.Forward(
              x,
              binding.lengths(),
              tensors.h0,
              tensors.c0,
              binding.parameterGroup(layer.name()),
              plan.spec().drops() ? binding.dropoutState() : null,
              tensors.y,
              tensors.hn,
              tensors.cn,
              binding.workspace(plan.workspaceElements()),
              tensors.reserve);
      backward =
          binding.training()
              ? new Recurrent.Backward(
                  forward,
                  tensors.dy,
                  tensors.dhn,
                  null,
                  dx,
                  null,
                  null,
                  binding.parameterGroupGradient(layer.name()))
              : null;
    }

    @Override
    public void forward() {
      // The states that the last step left are copied, for the backward pass needs those this step
      // began with.
      if (forward.h0() != null) {
        backend.transfers().copy(forward.hn(), forward.h0());
        if (forward.c0() != null) {
          backend.transfers().copy(forward.cn(), forward.c0());
        }
      }
      backend.recurrent().forward(plan, forward);
      if (!layer.settings.sequence() && layer.settings.bidirectional()) {
        backend.elementwise().swapAxes(top, bothDirections);
      }
    }

    @Override
    public void backward() {
      if (!layer.settings.sequence()) {
        if (below != null) {
          backend.transfers().zero(below);
        }
        if (layer.settings.bidirectional()) {
          backend.elementwise().swapAxes(bothGradients, dtop);
        }
      }
      backend.recurrent().backwardData(plan, backward);
      backend.recurrent().backwardWeights(plan, backward);
    }

    @Override
    public void resetState() {
      if (forward.h0() != null) {
        backend.transfers().zero(forward.hn());
        if (forward.c0() != null) {
          backend.transfers().zero(forward.cn());
        }
      }
    }
  }

  /** The memory of a bound layer. */
  private static final class Tensors {
    private final Recurrent.Plan plan;
    private final Tensor y;
    private final Tensor dy;
    private Tensor h0;
    private Tensor c0;
    private Tensor hn;
    private Tensor cn;
    private final Tensor reserve;

    /** The states of the top layer {@code [D,N,H]}, and the same as {@code [N,D*H]}. */
    private Tensor top;

    private Tensor joined;
    private Tensor dhn;
    private Tensor dtop;
    private Tensor djoined;

    /** The part of dhn that belongs to the layers below. */
    private Tensor dbelow;

    Tensors(RecurrentLayer layer, Binding binding, Tensor x) {
      Settings settings = layer.settings;
      int time = x.shape().dimension(0);
      int batch = x.shape().dimension(1);
      int inputSize = x.shape().dimension(2);
      int stream = binding.nextDropoutStreams(settings.layers());
      plan =
          binding
              .backend()
              .recurrent()
              .plan(layer.spec(time, batch, inputSize, stream, binding.training()));
      int directions = layer.directions();
      int hidden = settings.hiddenSize();
      Shape states = Shape.of(settings.layers() * directions, batch, hidden);
      y = binding.memory(layer.name(), Shape.of(time, batch, hidden * directions));
      reserve =
          plan.reserveElements() == 0
              ? null
              : binding.memory(
                  layer.name() + " reserve", Shape.of(Math.toIntExact(plan.reserveElements())));
      if (binding.stateful()) {
        hn = state(binding, layer.name() + " hn", states);
        h0 = binding.memory(layer.name() + " h0", states);
        if (settings.cell().hasCellState()) {
          cn = state(binding, layer.name() + " cn", states);
          c0 = binding.memory(layer.name() + " c0", states);
        }
      } else if (!settings.sequence()) {
        hn = binding.memory(layer.name() + " hn", states);
      }
      if (settings.sequence()) {
        dy = binding.gradientOf(y);
        return;
      }
      dy = null;
      top = topOf(hn, directions, batch, hidden);
      joined =
          settings.bidirectional()
              ? binding.memory(layer.name() + " joined", Shape.of(batch, directions * hidden))
              : top.reshape(Shape.of(batch, hidden));
      if (binding.training()) {
        dhn = binding.gradientOf(hn);
        dtop = topOf(dhn, directions, batch, hidden);
        djoined =
            settings.bidirectional()
                ? binding.gradientOf(joined)
                : dtop.reshape(Shape.of(batch, hidden));
        long rest = dhn.elements() - dtop.elements();
        dbelow =
            rest == 0 ? null : dhn.view(dhn.name() + " below", 0, Shape.of(Math.toIntExact(rest)));
      }
    }

    /** Returns {@code [N,D*H]} as {@code [N,D,H]}. */
    private Tensor byDirection(Tensor states) {
      int directions = plan.spec().directions();
      return states == null
          ? null
          : states.reshape(
              Shape.of(plan.spec().batch(), directions, states.shape().columns() / directions));
    }

    /** Memory that outlives the step; see {@link Binding#stateful}. */
    private static Tensor state(Binding binding, String name, Shape shape) {
      return binding.tensor(MemoryKind.PARAMETERS, name, binding.floatType(), shape);
    }

    private static Tensor topOf(Tensor states, int directions, int batch, int hidden) {
      Shape shape = Shape.of(directions, batch, hidden);
      return states.view(states.name() + " top", states.elements() - shape.elements(), shape);
    }
  }
}
