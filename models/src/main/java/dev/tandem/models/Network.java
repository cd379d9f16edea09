package dev.tandem.models;

import dev.tandem.engine.Activation;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Embedding;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.Shape;
import dev.tandem.models.layers.ActivationLayer;
import dev.tandem.models.layers.BatchNorm;
import dev.tandem.models.layers.Conv2dLayer;
import dev.tandem.models.layers.DropoutLayer;
import dev.tandem.models.layers.EmbeddingLayer;
import dev.tandem.models.layers.Flatten;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.Layer;
import dev.tandem.models.layers.LayerNorm;
import dev.tandem.models.layers.Linear;
import dev.tandem.models.layers.Pair;
import dev.tandem.models.layers.ParameterTable;
import dev.tandem.models.layers.Pool2dLayer;
import dev.tandem.models.layers.RecurrentLayer;
import dev.tandem.models.layers.Residual;
import dev.tandem.models.layers.SoftmaxLayer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The blueprint of a network: the shape of its input and its layers, one after the other. Immutable
 * and without memory; the shapes fit, or it could not be made.
 */
public final class Network {
  private final String name;
  private final Shape input;
  private final DataType inputType;
  private final List<Layer> layers;
  private final Shape output;
  private final boolean recurs;

  /**
   * Makes a network and checks that its shapes fit.
   *
   * @param name what reports call it
   * @param input the shape of one example
   * @param inputType FLOAT32, or INT32 for token ids
   * @param layers at least one
   * @throws ModelException if a layer cannot take what the one before it gives
   */
  public Network(String name, Shape input, DataType inputType, List<Layer> layers) {
    if (layers.isEmpty()) {
      throw new ModelException("network '%s' has no layers (add some)".formatted(name));
    }
    this.name = name;
    this.input = input;
    this.inputType = inputType;
    this.layers = List.copyOf(layers);
    boolean tokens = layers.get(0) instanceof EmbeddingLayer;
    if (tokens != (inputType == DataType.INT32)) {
      throw new ModelException(
          "layer '%s' (%s) takes %s, but the input's dtype is %s (%s)"
              .formatted(
                  layers.get(0).name(),
                  layers.get(0).type(),
                  tokens ? "token ids" : "numbers",
                  inputType == DataType.INT32 ? "int32" : "float32",
                  tokens ? "use dtype int32" : "use dtype float32, or begin with an embedding"));
    }
    checkNested(layers, new HashSet<>());
    output = Layer.outputShape(layers, input);
    parameters(Initializer.Scheme.DEFAULT);
    recurs = layers.stream().anyMatch(Layer::recurs);
    if (recurs) {
      checkSequences();
    }
  }

  /** Checks that every layer up to the one that leaves time behind takes sequences. */
  private void checkSequences() {
    for (Layer layer : layers) {
      if (!layer.takesSequences()) {
        throw new ModelException(
            "layer '%s' (%s) takes whole examples, but gets sequences (let the recurrent layer in front of it return \"last\", or leave it out)"
                .formatted(layer.name(), layer.type()));
      }
      if (layer instanceof RecurrentLayer recurrent && !recurrent.returnsSequence()) {
        return;
      }
    }
  }

  /**
   * Returns whether there are recurrent layers. If so, examples are sequences {@code [T,...]} of
   * any length, and on the device time is the first axis: {@code [T,N,...]}.
   */
  public boolean recurs() {
    return recurs;
  }

  /** Returns whether the output has one row for each step of a sequence. */
  public boolean returnsSequence() {
    return recurs
        && layers.stream()
            .noneMatch(
                layer -> layer instanceof RecurrentLayer recurrent && !recurrent.returnsSequence());
  }

  /**
   * Checks that the output at a step depends on no later step, as that of a language model must
   * not.
   *
   * @throws ModelException if it does; the message names the layer
   */
  public void requireCausal() {
    for (Layer layer : layers) {
      if (layer.looksAhead()) {
        throw new ModelException(
            "layer '%s' (%s) reads from both ends, and so the next token before it has to tell it (leave --bidirectional out)"
                .formatted(layer.name(), layer.type()));
      }
    }
  }

  /** Returns T of {@link #input}, the usual number of steps of a sequence. */
  public int steps() {
    return input.rank() == 0 ? 1 : input.dimension(0);
  }

  /**
   * Returns the shape of the input of a batch on the device: {@code [N, input...]}, or {@code
   * [T,N,...]} for a network that recurs.
   */
  public Shape inputBatch(int batch, int steps) {
    int[] extents = input.prepend(batch).toArray();
    if (recurs) {
      extents[0] = steps;
      extents[1] = batch;
    }
    return Shape.of(extents);
  }

  private void checkNested(List<Layer> nested, Set<String> names) {
    for (Layer layer : nested) {
      if (!names.add(layer.name())) {
        throw new ModelException(
            "two layers are called '%s' (give them different names)".formatted(layer.name()));
      }
      if (layer instanceof EmbeddingLayer && layer != layers.get(0)) {
        throw new ModelException(
            "layer '%s' (embedding) takes token ids, which only the input has (put it first)"
                .formatted(layer.name()));
      }
      if (layer instanceof Residual block) {
        checkNested(block.layers(), names);
      }
    }
  }

  /** Starts a network for inputs of numbers. */
  public static Builder builder(String name, Shape input) {
    return new Builder(name, input, DataType.FLOAT32, "");
  }

  /** Starts a network for inputs of token ids. */
  public static Builder tokenBuilder(String name, Shape input) {
    return new Builder(name, input, DataType.INT32, "");
  }

  /** Returns what reports call this network. */
  public String name() {
    return name;
  }

  /** Returns the shape of one example. */
  public Shape input() {
    return input;
  }

  /** Returns the type of the input: FLOAT32 or INT32. */
  public DataType inputType() {
    return inputType;
  }

  /** Returns the layers. */
  public List<Layer> layers() {
    return layers;
  }

  /** Returns the shape of the output for one example. */
  public Shape output() {
    return output;
  }

  /** Returns the parameters, with initialisers chosen by a scheme. */
  public ParameterTable parameters(Initializer.Scheme scheme) {
    ParameterTable table = new ParameterTable(scheme);
    table.declareAll(layers, input);
    return table;
  }

  /** Adds layers one after the other; each method adds one. */
  public static final class Builder {
    private final String name;
    private final Shape input;
    private final DataType inputType;
    private final String prefix;
    private final List<Layer> layers = new ArrayList<>();

    private Builder(String name, Shape input, DataType inputType, String prefix) {
      this.name = name;
      this.input = input;
      this.inputType = inputType;
      this.prefix = prefix;
    }

    /** Adds a fully connected layer, called {@code fc1, fc2, ...}. */
    public Builder linear(int units) {
      return add(new Linear(nextName("fc"), units, true));
    }

    /** Adds an activation function. */
    public Builder activation(Activation function) {
      return add(new ActivationLayer(nextName("act"), function));
    }

    /** Adds {@link Activation#RELU}. */
    public Builder relu() {
      return activation(Activation.RELU);
    }

    /** Adds {@link Activation#TANH}. */
    public Builder tanh() {
      return activation(Activation.TANH);
    }

    /** Adds softmax; not wanted in front of the loss {@code cce}, which takes logits. */
    public Builder softmax() {
      return add(new SoftmaxLayer(nextName("softmax")));
    }

    /** Adds dropout at a rate; nothing for rate 0. */
    public Builder dropout(double rate) {
      return rate == 0 ? this : add(new DropoutLayer(nextName("dropout"), rate));
    }

    /**
     * Adds batch normalisation, called {@code bn1, bn2, ...}, with PyTorch's momentum and epsilon.
     */
    public Builder batchNorm1d() {
      return add(new BatchNorm(nextName("bn"), false, 0.1, 1e-5));
    }

    /** Adds batch normalisation of pictures, called {@code bn1, bn2, ...}. */
    public Builder batchNorm2d() {
      return add(new BatchNorm(nextName("bn"), true, 0.1, 1e-5));
    }

    /** Adds a convolution that keeps the size of the picture, called {@code conv1, conv2, ...}. */
    public Builder conv2d(int filters, int kernel) {
      return conv2d(Conv2dLayer.Settings.same(filters, kernel));
    }

    /** Adds a convolution. */
    public Builder conv2d(Conv2dLayer.Settings settings) {
      return add(new Conv2dLayer(nextName("conv"), settings));
    }

    /** Adds the largest value of each window of a picture; the windows do not overlap. */
    public Builder maxPool2d(int kernel) {
      return add(
          new Pool2dLayer(
              nextName("pool"), Pool2dSpec.Mode.MAX, Pair.of(kernel), null, Pair.of(0), true));
    }

    /** Adds the mean of each channel. */
    public Builder globalAveragePool2d() {
      return add(Pool2dLayer.globalAverage(nextName("pool")));
    }

    /** Adds recurrent layers, called {@code rnn1}, {@code lstm1} or {@code gru1} and so on. */
    public Builder recurrent(RecurrentLayer.Settings settings) {
      String stem =
          switch (settings.cell()) {
            case RNN_TANH, RNN_RELU -> "rnn";
            case LSTM -> "lstm";
            case GRU -> "gru";
          };
      return add(new RecurrentLayer(nextName(stem), settings));
    }

    /** Adds layer normalisation, called {@code ln1, ln2, ...}, with PyTorch's epsilon. */
    public Builder layerNorm() {
      return add(new LayerNorm(nextName("ln"), 1e-5));
    }

    /** Adds learnt vectors for token ids, called {@code emb1, ...}. */
    public Builder embedding(int vocabulary, int dimension) {
      return add(new EmbeddingLayer(nextName("emb"), vocabulary, dimension, Embedding.NO_PADDING));
    }

    /** Adds a layer that sees each example as one row; nothing if it is one already. */
    public Builder flatten() {
      return shape().rank() == 1 ? this : add(new Flatten(nextName("flatten")));
    }

    /** Adds {@code x + F(x)} with the layers that the consumer adds. */
    public Builder residual(Consumer<Builder> inside) {
      String block = nextName("block");
      Builder builder = new Builder(name, shape(), inputType, block + ".");
      inside.accept(builder);
      return add(new Residual(block, builder.layers));
    }

    /** Adds any layer. */
    public Builder add(Layer layer) {
      layers.add(layer);
      return this;
    }

    /** Returns the shape of one example after the layers so far. */
    public Shape shape() {
      return Layer.outputShape(layers, input);
    }

    /** Returns the network. */
    public Network build() {
      return new Network(name, input, inputType, layers);
    }

    private String nextName(String stem) {
      int number = 1;
      while (taken(prefix + stem + number)) {
        number++;
      }
      return prefix + stem + number;
    }

    private boolean taken(String candidate) {
      return layers.stream().anyMatch(layer -> layer.name().equals(candidate));
    }
  }
}
