package dev.tandem.models.layers;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * What a layer is given when it is bound: the backend, the batch size and tensors. Binding is done
 * twice, by the same code: once to find out what memory is wanted, then with that memory.
 */
public abstract class Binding {
  private final Backend backend;
  private final int batch;
  private final boolean training;
  private int dropoutLayers;

  /**
   * Describes a binding.
   *
   * @param backend the engine
   * @param batch the number of examples N
   * @param training whether layers do what they do in training (dropout, batch statistics) and keep
   *     what their backward passes need
   */
  protected Binding(Backend backend, int batch, boolean training) {
    this.backend = backend;
    this.batch = batch;
    this.training = training;
  }

  /** Returns the engine. */
  public final Backend backend() {
    return backend;
  }

  /** Returns the number of examples N. */
  public final int batch() {
    return batch;
  }

  /** Returns whether this is for training. */
  public final boolean training() {
    return training;
  }

  /** Returns a number that tells this dropout layer from the others. */
  public final int nextDropoutStream() {
    return nextDropoutStreams(1);
  }

  /** Returns the first of several numbers for a layer that drops in several places. */
  public final int nextDropoutStreams(int count) {
    int first = dropoutLayers;
    dropoutLayers += count;
    return first;
  }

  /** Returns memory for an output or another value that the backward pass needs. */
  public final Tensor memory(String name, Shape shape) {
    return tensor(MemoryKind.ACTIVATIONS, name, floatType(), shape);
  }

  /** Returns memory for an output of the input's shape. */
  public final Tensor likeInput(String name, Tensor x) {
    return memory(name, x.shape());
  }

  /** Returns memory for the gradient of an output, null if nothing is trained. */
  public final Tensor gradientOf(Tensor y) {
    return training ? memory(y.name() + " gradient", y.shape()) : null;
  }

  /** Returns the floating-point type of this network. */
  public abstract DataType floatType();

  /** Returns memory. */
  public abstract Tensor tensor(MemoryKind kind, String name, DataType type, Shape shape);

  /** Returns a parameter or buffer. */
  public abstract Tensor parameter(String name);

  /** Returns the gradient of a parameter, null if nothing is trained. */
  public abstract Tensor parameterGradient(String name);

  /** Returns all weights of a recurrent layer, in the backend's own layout. */
  public abstract Tensor parameterGroup(String layer);

  /** Returns the gradient of all weights of a recurrent layer, null if nothing is trained. */
  public abstract Tensor parameterGroupGradient(String layer);

  /**
   * Returns scratch that is shared with everything else of this program, so that nothing in it is
   * there any more when another layer has run; null for 0 elements.
   */
  public abstract Tensor workspace(long elements);

  /** Returns the number of steps of each sequence, INT32 {@code [N]}; null if all have T steps. */
  public abstract Tensor lengths();

  /**
   * Returns whether each batch goes on where the one before it ended: recurrent layers then begin
   * with the states that they ended with.
   */
  public abstract boolean stateful();

  /** Returns the state of the dropout masks, see {@link dev.tandem.engine.Dropout}. */
  public abstract Tensor dropoutState();

  /** Returns whether a layer takes the one behind it into its matrix product. */
  public static boolean fuses(Layer layer, Layer next) {
    return (layer instanceof Linear || layer instanceof Conv2dLayer)
        && next instanceof ActivationLayer activation
        && activation.function().derivativeFromOutput();
  }

  /**
   * Returns whether an activation leaves its derivative to the layer behind it. A maximum is an
   * output of the activation, so that {@code f'} of it is that of the element that was chosen: it
   * can be applied to the gradients of the maxima, of which there are fewer.
   */
  private static boolean leavesDerivative(List<Layer> layers, int i) {
    return i + 1 < layers.size()
        && layers.get(i) instanceof ActivationLayer activation
        && activation.function().derivativeFromOutput()
        && layers.get(i + 1) instanceof Pool2dLayer pool
        && pool.choosesElements();
  }

  /**
   * Binds layers one after the other. A linear or convolutional layer takes the activation behind
   * it into its product, and a pooling by maxima the derivative of the activation in front of it.
   *
   * @param layers at least one
   * @param x the input of the first
   * @param dx where the gradient of that input is to be written, or null
   * @return what runs, the last giving the output
   */
  public final List<BoundLayer> bindAll(List<Layer> layers, Tensor x, Tensor dx) {
    List<BoundLayer> bound = new ArrayList<>();
    Tensor input = x;
    Tensor inputGradient = dx;
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      BoundLayer next;
      try {
        if (i + 1 < layers.size() && fuses(layer, layers.get(i + 1))) {
          i++;
          ActivationLayer activation = (ActivationLayer) layers.get(i);
          boolean derives = !leavesDerivative(layers, i);
          next =
              layer instanceof Linear linear
                  ? linear.bindWith(activation, derives, this, input, inputGradient)
                  : ((Conv2dLayer) layer).bindWith(activation, derives, this, input, inputGradient);
        } else if (leavesDerivative(layers, i)) {
          next = ((ActivationLayer) layer).bindWithoutDerivative(this, input, inputGradient);
        } else if (i > 0 && leavesDerivative(layers, i - 1)) {
          Activation function = ((ActivationLayer) layers.get(i - 1)).function();
          next = ((Pool2dLayer) layer).bindBehind(function, this, input, inputGradient);
        } else {
          next = layer.bind(this, input, inputGradient);
        }
      } catch (ArithmeticException e) {
        throw layer.error(
            "a batch of %d examples has more rows or elements than can be counted (choose a smaller --batch-size)",
            batch);
      }
      bound.add(next);
      input = next.output();
      inputGradient = next.outputGradient();
    }
    return bound;
  }
}
