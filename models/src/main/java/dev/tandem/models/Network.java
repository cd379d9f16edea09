package dev.tandem.models;

import dev.tandem.engine.Activation;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Embedding;
import dev.tandem.engine.Shape;
import dev.tandem.models.layers.ActivationLayer;
import dev.tandem.models.layers.BatchNorm1d;
import dev.tandem.models.layers.DropoutLayer;
import dev.tandem.models.layers.EmbeddingLayer;
import dev.tandem.models.layers.Flatten;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.Layer;
import dev.tandem.models.layers.LayerNorm;
import dev.tandem.models.layers.Linear;
import dev.tandem.models.layers.ParameterTable;
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
      return add(new BatchNorm1d(nextName("bn"), 0.1, 1e-5));
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
      return Layer.outputShape(layers, input).rank() == 1
          ? this
          : add(new Flatten(nextName("flatten")));
    }

    /** Adds {@code x + F(x)} with the layers that the consumer adds. */
    public Builder residual(Consumer<Builder> inside) {
      String block = nextName("block");
      Shape shape = Layer.outputShape(layers, input);
      Builder builder = new Builder(name, shape, inputType, block + ".");
      inside.accept(builder);
      return add(new Residual(block, builder.layers));
    }

    /** Adds any layer. */
    public Builder add(Layer layer) {
      layers.add(layer);
      return this;
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
