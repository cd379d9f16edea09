package dev.tandem.models.layers;

import dev.tandem.engine.Activation;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Shape;
import dev.tandem.models.ModelException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parameters of a network, in the order of its layers: those that are trained, and values that
 * are kept but not trained.
 */
public final class ParameterTable {
  /**
   * One parameter.
   *
   * @param name such as {@code fc1.weight}
   * @param shape the extents
   * @param trained whether it has a gradient; otherwise it is a buffer, such as a running mean
   * @param initializer its first values
   * @param group what lays it out together with others; null if it lies by itself
   */
  public record Parameter(
      String name, Shape shape, boolean trained, Initializer initializer, RecurrentGroup group) {}

  /**
   * The parameters of a stack of recurrent layers, which a backend lays out as it likes, see {@link
   * dev.tandem.engine.Recurrent.Plan#regions}.
   *
   * @param name the layer's name; the parameters are called {@code name.weight_ih_l0} and so on
   * @param spec the cell and the sizes; time and batch do not matter
   */
  public record RecurrentGroup(String name, RecurrentSpec spec) {}

  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Initializer.Scheme scheme;
  private Activation followedBy = Activation.IDENTITY;
  private long elements;

  /** Makes an empty table. */
  public ParameterTable(Initializer.Scheme scheme) {
    this.scheme = scheme;
  }

  /** Declares the parameters of layers in their order, for an input of a shape. */
  public void declareAll(List<Layer> layers, Shape input) {
    Shape shape = input;
    for (int i = 0; i < layers.size(); i++) {
      followedBy = activationBehind(layers, i);
      Shape output = layers.get(i).boundedOutputShape(shape);
      layers.get(i).declare(shape, this);
      shape = output;
    }
  }

  /** Returns the activation behind a layer, or behind the normalisation that follows it. */
  private static Activation activationBehind(List<Layer> layers, int index) {
    int next = index + 1;
    if (next < layers.size() && layers.get(next) instanceof BatchNorm) {
      next++;
    }
    return next < layers.size() && layers.get(next) instanceof ActivationLayer activation
        ? activation.function()
        : Activation.IDENTITY;
  }

  /** Adds a trained parameter. */
  public void add(String name, Shape shape, Initializer initializer) {
    put(new Parameter(name, shape, true, initializer, null));
  }

  /** Adds a trained parameter of a group. All parameters of a group follow each other. */
  public void add(RecurrentGroup group, String suffix, Shape shape, Initializer initializer) {
    put(new Parameter(group.name() + "." + suffix, shape, true, initializer, group));
  }

  /** Adds values that are kept with the weights but not trained. */
  public void addBuffer(String name, Shape shape, double value) {
    put(new Parameter(name, shape, false, Initializer.constant(value), null));
  }

  private void put(Parameter parameter) {
    if (parameters.putIfAbsent(parameter.name(), parameter) != null) {
      throw new ModelException(
          "two parameters are called '%s' (give layers different names)"
              .formatted(parameter.name()));
    }
    // All of them are one flat tensor, whose extent is an int; both terms are below 2^62.
    elements += MemoryPlan.roundUp(parameter.shape().elements());
    if (elements > Integer.MAX_VALUE) {
      String name = parameter.name();
      throw new ModelException(
          "layer '%s': with its parameter '%s' of shape %s the network has more than %d parameters (make the layer smaller)"
              .formatted(
                  name.substring(0, name.lastIndexOf('.')),
                  name,
                  parameter.shape(),
                  Integer.MAX_VALUE));
    }
  }

  /** Returns the rules by which layers choose initialisers. */
  public Initializer.Scheme scheme() {
    return scheme;
  }

  /**
   * Returns the first weights of a product, by the scheme and the activation that follows the layer
   * whose parameters are being declared.
   *
   * @param fanIn the products that add up to one output
   * @param fanOut the outputs that one input goes into
   */
  Initializer beforeActivation(int fanIn, int fanOut) {
    if (scheme == Initializer.Scheme.PYTORCH) {
      return Initializer.uniform(1 / Math.sqrt(Math.max(1, fanIn)));
    }
    return switch (followedBy) {
      case RELU, LEAKY_RELU, GELU, SILU, ELU -> Initializer.he(fanIn);
      case IDENTITY, SIGMOID, TANH -> Initializer.glorot(fanIn, fanOut);
    };
  }

  /** Returns the first values of the bias of such a layer. */
  Initializer bias(int fanIn) {
    return scheme == Initializer.Scheme.PYTORCH
        ? Initializer.uniform(1 / Math.sqrt(Math.max(1, fanIn)))
        : Initializer.constant(0);
  }

  /** Returns a parameter by its name. */
  public Parameter get(String name) {
    return parameters.get(name);
  }

  /** Returns all parameters and buffers in the order of the layers. */
  public Collection<Parameter> all() {
    return parameters.values();
  }

  /** Returns how many numbers are trained. */
  public long count() {
    return parameters.values().stream()
        .filter(Parameter::trained)
        .mapToLong(parameter -> parameter.shape().elements())
        .sum();
  }
}
