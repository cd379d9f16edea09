package dev.tandem.models.layers;

import dev.tandem.engine.Activation;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Shape;
import dev.tandem.models.ModelException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parameters of a network, in the order of its layers: where each lies in the flat block of all
 * weights (and so in those of gradients and moments), or, for values that are kept but not trained,
 * in the block of buffers.
 */
public final class ParameterTable {
  /**
   * One parameter.
   *
   * @param name such as {@code fc1.weight}
   * @param shape the extents
   * @param trained whether it has a gradient; otherwise it is a buffer, such as a running mean
   * @param offset the index of its first element in its block
   * @param initializer its first values
   */
  public record Parameter(
      String name, Shape shape, boolean trained, long offset, Initializer initializer) {}

  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Initializer.Scheme scheme;
  private Activation followedBy = Activation.IDENTITY;
  private long trainedLength;
  private long bufferLength;

  /** Makes an empty table. */
  public ParameterTable(Initializer.Scheme scheme) {
    this.scheme = scheme;
  }

  /** Declares the parameters of layers in their order, for an input of a shape. */
  public void declareAll(List<Layer> layers, Shape input) {
    Shape shape = input;
    for (int i = 0; i < layers.size(); i++) {
      followedBy =
          i + 1 < layers.size() && layers.get(i + 1) instanceof ActivationLayer next
              ? next.function()
              : Activation.IDENTITY;
      Shape output = layers.get(i).boundedOutputShape(shape);
      layers.get(i).declare(shape, this);
      shape = output;
    }
  }

  /** Adds a trained parameter. */
  public void add(String name, Shape shape, Initializer initializer) {
    put(new Parameter(name, shape, true, trainedLength, initializer));
    trainedLength = grown(name, trainedLength, shape);
  }

  /** Adds values that are kept with the weights but not trained. */
  public void addBuffer(String name, Shape shape, double value) {
    put(new Parameter(name, shape, false, bufferLength, Initializer.constant(value)));
    bufferLength = grown(name, bufferLength, shape);
  }

  // A block is one flat tensor, whose extent is an int; both terms are below 2^62.
  private static long grown(String name, long length, Shape shape) {
    long grown = length + MemoryPlan.roundUp(shape.elements());
    if (grown > Integer.MAX_VALUE) {
      throw new ModelException(
          "layer '%s': with its parameter '%s' of shape %s the network has more than %d parameters (make the layer smaller)"
              .formatted(name.substring(0, name.lastIndexOf('.')), name, shape, Integer.MAX_VALUE));
    }
    return grown;
  }

  private void put(Parameter parameter) {
    if (parameters.putIfAbsent(parameter.name(), parameter) != null) {
      throw new ModelException(
          "two parameters are called '%s' (give layers different names)"
              .formatted(parameter.name()));
    }
  }

  /** Returns the rules by which layers choose initialisers. */
  public Initializer.Scheme scheme() {
    return scheme;
  }

  /** Returns the activation that follows the layer whose parameters are being declared. */
  public Activation followedBy() {
    return followedBy;
  }

  /** Returns a parameter by its name. */
  public Parameter get(String name) {
    return parameters.get(name);
  }

  /** Returns all parameters and buffers in the order of the layers. */
  public Collection<Parameter> all() {
    return parameters.values();
  }

  /** Returns the elements of the block of trained parameters, gaps included. */
  public long trainedLength() {
    return trainedLength;
  }

  /** Returns the elements of the block of buffers, gaps included. */
  public long bufferLength() {
    return bufferLength;
  }

  /** Returns how many numbers are trained. */
  public long count() {
    return parameters.values().stream()
        .filter(Parameter::trained)
        .mapToLong(parameter -> parameter.shape().elements())
        .sum();
  }
}
