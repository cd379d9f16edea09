package dev.tandem.models.layers;

import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.ModelException;
import java.util.List;
import java.util.Map;

/** The blueprint of a layer: settings, shapes and parameters. Immutable and without memory. */
public abstract class Layer {
  private final String name;

  /**
   * Names a layer.
   *
   * @param name unique in its network; its parameters are called {@code name.weight} and the like
   */
  protected Layer(String name) {
    this.name = name;
  }

  /** Returns the name. */
  public final String name() {
    return name;
  }

  /** Returns the type as an architecture file writes it, such as {@code linear}. */
  public abstract String type();

  /** Returns the settings as an architecture file writes them, without type and name. */
  public abstract Map<String, Object> settings();

  /**
   * Returns the shape of the output for one example.
   *
   * @param input the shape of the input for one example
   * @throws ModelException if the layer cannot take such an input
   */
  public abstract Shape outputShape(Shape input);

  /**
   * Returns the shape for one example after layers, one after the other.
   *
   * @throws ModelException if a layer cannot take its input, or gives more elements than a tensor
   *     can have
   */
  public static Shape outputShape(List<Layer> layers, Shape input) {
    Shape shape = input;
    for (Layer layer : layers) {
      shape = layer.boundedOutputShape(shape);
    }
    return shape;
  }

  /** Returns {@link #outputShape(Shape)} if its elements can be counted with an int. */
  final Shape boundedOutputShape(Shape input) {
    try {
      Shape shape = outputShape(input);
      if (shape.elements() <= Integer.MAX_VALUE) {
        return shape;
      }
    } catch (ArithmeticException e) {
      // More than a long can count: the same error.
    }
    throw error(
        "the output for an input of %s has more than %d elements (make the layer or the input smaller)",
        input, Integer.MAX_VALUE);
  }

  /**
   * Returns whether this layer treats each step of a sequence like an example of its own, or takes
   * whole sequences: then it may stand in a network whose tensors have time as their first axis.
   */
  public boolean takesSequences() {
    return false;
  }

  /** Returns whether it is a recurrent layer, or has one inside. */
  public boolean recurs() {
    return false;
  }

  /** Returns whether its output at a step depends on steps that come later. */
  public boolean looksAhead() {
    return false;
  }

  /** Declares parameters; most layers have none. */
  public void declare(Shape input, ParameterTable parameters) {}

  /**
   * Binds this layer to memory.
   *
   * @param binding gives backend, batch size, parameters and memory
   * @param x the input {@code [N, input...]}
   * @param dx where the backward pass is to write the input's gradient; null if nobody wants it
   */
  public abstract BoundLayer bind(Binding binding, Tensor x, Tensor dx);

  /** Returns the multiplications and additions of the forward pass for one example. */
  public long flops(Shape input) {
    return outputShape(input).elements();
  }

  /** Returns an exception whose message begins with this layer. */
  protected final ModelException error(String message, Object... values) {
    return new ModelException(
        "layer '%s' (%s): ".formatted(name, type()) + message.formatted(values));
  }

  /** Returns the last extent of a shape with at least one axis. */
  protected final int features(Shape input) {
    if (input.rank() == 0) {
      throw error("the input is a single number, expected [...,F] (give the input a shape)");
    }
    return input.columns();
  }
}
