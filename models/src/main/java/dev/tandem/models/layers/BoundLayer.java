package dev.tandem.models.layers;

import dev.tandem.engine.Tensor;
import java.util.List;

/** A layer with its tensors, ready to run. */
public abstract class BoundLayer {
  private final String name;
  private final Tensor y;
  private final Tensor dy;

  /**
   * Describes the output.
   *
   * @param name what errors call it
   * @param y the output {@code [N, output...]}, written by {@link #forward}
   * @param dy its gradient, written by the layer that follows before {@link #backward}, which may
   *     change it; where the output is that of an activation which leaves its derivative to the
   *     layer that follows, the gradient of the activation's input; null if nobody wants it, as
   *     with nothing to train here or before
   */
  protected BoundLayer(String name, Tensor y, Tensor dy) {
    this.name = name;
    this.y = y;
    this.dy = dy;
  }

  /** Returns the layer's name. */
  public final String name() {
    return name;
  }

  /** Returns the output. */
  public final Tensor output() {
    return y;
  }

  /** Returns the gradient of the output, null if nothing is trained. */
  public final Tensor outputGradient() {
    return dy;
  }

  /** Returns the layers that run inside this one. */
  public List<BoundLayer> inner() {
    return List.of();
  }

  /** Forgets the states that a recurrent layer ended the batch before with. */
  public void resetState() {}

  /** Computes the output from the input. */
  public abstract void forward();

  /**
   * Accumulates the gradients of the parameters and overwrites that of the input, from that of the
   * output.
   */
  public abstract void backward();
}
