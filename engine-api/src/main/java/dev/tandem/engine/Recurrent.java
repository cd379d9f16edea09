package dev.tandem.engine;

import java.util.List;

/**
 * Whole sequences through stacks of recurrent layers (RNN, LSTM, GRU), in one or both directions.
 *
 * <p>T is time, N the batch, I the input's features, H the hidden size, L the layers, D the
 * directions, G the {@linkplain RecurrentCell#gates gates}. Sequences are {@code [T,N,...]}, states
 * {@code [L*D,N,H]} with layer l and direction d at {@code l D + d}. The outputs of both directions
 * of a step lie side by side, {@code [T,N,H*D]}. Equations and the order of gates are PyTorch's and
 * cuDNN's; every layer has both biases.
 *
 * <p><b>Lengths.</b> A sequence may be shorter than T. What lies behind its end changes nothing,
 * even if it is NaN: there y is 0 and so is dx, hn and cn are those of the sequence's own last
 * step, and the reverse direction begins there. A length below 1 or above T gives NaN in that
 * example's y, hn, cn, dx, dh0 and dc0, and the example adds nothing to dweights; an engine cannot
 * throw from a device, so the host checks lengths before it uploads them.
 *
 * <p><b>Order.</b> {@link #forward} with a plan for training, then {@link #backwardData}, then
 * {@link #backwardWeights}, on the same tensors. The reserve carries what the backward passes need
 * and belongs to them until then; the workspace carries nothing and may be used by others in
 * between. No operation allocates; all are deterministic.
 */
public abstract class Recurrent extends OperationFamily {
  private static final String FORWARD = "recurrent";
  private static final String BACKWARD_DATA = "recurrent backwardData";
  private static final String BACKWARD_WEIGHTS = "recurrent backwardWeights";

  /**
   * How a backend does what a spec says. It holds no memory and may be used any number of times.
   */
  public interface Plan {
    /** Returns what is done. */
    RecurrentSpec spec();

    /** Returns the name of the way it is done, for people to read. */
    String algorithm();

    /** Returns the elements of the weights and of their gradient. */
    long weightElements();

    /**
     * Returns where the canonical parameters lie in the weights and in their gradient. It depends
     * on the cell, the sizes of the weights, the layers and the directions alone, so that plans for
     * other T, N or training share them. Elements of no region are gaps that stay 0.
     */
    List<WeightRegion> regions();

    /** Returns the elements of the workspace. */
    long workspaceElements();

    /** Returns the elements of the reserve; 0 unless training. */
    long reserveElements();
  }

  /**
   * The tensors of a forward pass. Made once, when memory is bound. All are of one floating-point
   * type but lengths and dropoutState.
   *
   * @param x {@code [T,N,I]}, read
   * @param lengths INT32 {@code [N]}, read; null where all sequences have T steps
   * @param h0 {@code [L*D,N,H]}, read; null for 0
   * @param c0 {@code [L*D,N,H]}, LSTM alone, read; null for 0
   * @param weights {@code [weightElements]}, read
   * @param dropoutState INT32 {@code [4]}, see {@link Dropout#forward}, read; null where nothing is
   *     {@linkplain RecurrentSpec#drops dropped}
   * @param y {@code [T,N,H*D]}, overwritten; read by the backward passes
   * @param hn {@code [L*D,N,H]}, overwritten; null if not wanted
   * @param cn {@code [L*D,N,H]}, LSTM alone, overwritten; null if not wanted
   * @param workspace {@code [workspaceElements]}, overwritten; may be null if that is 0
   * @param reserve {@code [reserveElements]}, overwritten; null unless training
   */
  public record Forward(
      Tensor x,
      Tensor lengths,
      Tensor h0,
      Tensor c0,
      Tensor weights,
      Tensor dropoutState,
      Tensor y,
      Tensor hn,
      Tensor cn,
      Tensor workspace,
      Tensor reserve) {}

  /**
   * The tensors of the backward passes. Made once, when memory is bound.
   *
   * @param forward those of the forward pass
   * @param dy {@code [T,N,H*D]}, the gradient of y, read; null for 0
   * @param dhn {@code [L*D,N,H]}, the gradient of hn, read; null for 0
   * @param dcn {@code [L*D,N,H]}, the gradient of cn, LSTM alone, read; null for 0
   * @param dx {@code [T,N,I]}, overwritten; null if not wanted
   * @param dh0 {@code [L*D,N,H]}, overwritten; null if not wanted
   * @param dc0 {@code [L*D,N,H]}, LSTM alone, overwritten; null if not wanted
   * @param dweights {@code [weightElements]} in the layout of the weights, accumulated
   */
  public record Backward(
      Forward forward,
      Tensor dy,
      Tensor dhn,
      Tensor dcn,
      Tensor dx,
      Tensor dh0,
      Tensor dc0,
      Tensor dweights) {}

  /** Makes the family of a backend. */
  protected Recurrent(Backend backend) {
    super(backend);
  }

  /** Plans what a spec says. */
  public final Plan plan(RecurrentSpec spec) {
    return makePlan(spec);
  }

  /**
   * Runs all sequences through all layers.
   *
   * @param plan made by this family
   * @param tensors as {@link Forward} says
   */
  public final void forward(Plan plan, Forward tensors) {
    check(FORWARD, plan, tensors);
    computeForward(plan, tensors);
  }

  /**
   * The gradients of the input and of the initial states. It comes before {@link #backwardWeights}
   * and leaves in the reserve what that needs.
   *
   * @param plan the forward pass's, made for training
   * @param tensors as {@link Backward} says; dweights is not touched
   */
  public final void backwardData(Plan plan, Backward tensors) {
    check(BACKWARD_DATA, plan, tensors);
    computeBackwardData(plan, tensors);
  }

  /**
   * The gradient of the weights, added to dweights.
   *
   * @param plan the forward pass's, made for training
   * @param tensors as {@link Backward} says; of the gradients dweights alone is touched
   */
  public final void backwardWeights(Plan plan, Backward tensors) {
    check(BACKWARD_WEIGHTS, plan, tensors);
    computeBackwardWeights(plan, tensors);
  }

  private void check(String name, Plan plan, Forward tensors) {
    RecurrentSpec spec = plan.spec();
    Tensor x = tensors.x;
    long steps = (long) spec.time() * spec.batch();
    Checks.floating(this, name, "x", x);
    Checks.elements(name, "x", x, steps * spec.inputSize());
    if (tensors.lengths != null) {
      Checks.integer(this, name, "lengths", tensors.lengths);
      Checks.elements(name, "lengths", tensors.lengths, spec.batch());
    }
    state(name, spec, "h0", tensors.h0, x);
    cellState(name, spec, "c0", tensors.c0, x);
    Checks.floating(this, name, "weights", tensors.weights, x, plan.weightElements());
    if (spec.drops()) {
      Checks.integer(this, name, "dropoutState", tensors.dropoutState);
      Checks.elements(name, "dropoutState", tensors.dropoutState, Dropout.STATE_LENGTH);
    }
    Checks.floating(this, name, "y", tensors.y, x, steps * spec.hiddenSize() * spec.directions());
    state(name, spec, "hn", tensors.hn, x);
    cellState(name, spec, "cn", tensors.cn, x);
    scratch(name, "workspace", tensors.workspace, x, plan.workspaceElements());
    scratch(name, "reserve", tensors.reserve, x, plan.reserveElements());
    disjoint(name, "y", tensors.y, tensors);
    disjoint(name, "hn", tensors.hn, tensors);
    disjoint(name, "cn", tensors.cn, tensors);
    disjoint(name, "workspace", tensors.workspace, tensors);
    disjoint(name, "reserve", tensors.reserve, tensors);
  }

  private void check(String name, Plan plan, Backward tensors) {
    RecurrentSpec spec = plan.spec();
    if (!spec.training()) {
      throw new IllegalArgumentException(
          "%s: the plan is for inference (make it with training = true)".formatted(name));
    }
    Forward forward = tensors.forward;
    check(name, plan, forward);
    Tensor x = forward.x;
    if (tensors.dy != null) {
      Checks.floating(this, name, "dy", tensors.dy, x, forward.y.elements());
    }
    state(name, spec, "dhn", tensors.dhn, x);
    cellState(name, spec, "dcn", tensors.dcn, x);
    if (tensors.dx != null) {
      Checks.floating(this, name, "dx", tensors.dx, x, x.elements());
    }
    state(name, spec, "dh0", tensors.dh0, x);
    cellState(name, spec, "dc0", tensors.dc0, x);
    Checks.floating(this, name, "dweights", tensors.dweights, x, plan.weightElements());
    disjoint(name, "dx", tensors.dx, tensors);
    disjoint(name, "dh0", tensors.dh0, tensors);
    disjoint(name, "dc0", tensors.dc0, tensors);
    disjoint(name, "dweights", tensors.dweights, tensors);
    gradients(name, "y", forward.y, tensors);
    gradients(name, "hn", forward.hn, tensors);
    gradients(name, "cn", forward.cn, tensors);
    gradients(name, "workspace", forward.workspace, tensors);
    gradients(name, "reserve", forward.reserve, tensors);
  }

  /** Checks a state that may be left out. */
  private void state(String name, RecurrentSpec spec, String role, Tensor state, Tensor x) {
    if (state != null) {
      long elements = (long) spec.layers() * spec.directions() * spec.batch() * spec.hiddenSize();
      Checks.floating(this, name, role, state, x, elements);
    }
  }

  /** Checks a cell state, which the LSTM alone has. */
  private void cellState(String name, RecurrentSpec spec, String role, Tensor state, Tensor x) {
    if (state != null && !spec.cell().hasCellState()) {
      throw new IllegalArgumentException(
          "%s: '%s' is %s, but %s has no cell state (leave it out)"
              .formatted(name, role, state, spec.cell()));
    }
    state(name, spec, role, state, x);
  }

  private void scratch(String name, String role, Tensor scratch, Tensor x, long elements) {
    if (scratch != null || elements > 0) {
      Checks.floating(this, name, role, scratch, x, elements);
    }
  }

  /** Checks that an output that may be left out shares no element with what is read. */
  private static void disjoint(String name, String role, Tensor output, Forward inputs) {
    if (output != null) {
      Checks.disjoint(name, role, output, inputs.x);
      Checks.disjoint(name, role, output, inputs.h0);
      Checks.disjoint(name, role, output, inputs.c0);
      Checks.disjoint(name, role, output, inputs.weights);
    }
  }

  private static void disjoint(String name, String role, Tensor output, Backward inputs) {
    if (output != null) {
      disjoint(name, role, output, inputs.forward);
      Checks.disjoint(name, role, output, inputs.forward.y);
      Checks.disjoint(name, role, output, inputs.forward.reserve);
      Checks.disjoint(name, role, output, inputs.forward.workspace);
      gradients(name, role, output, inputs);
    }
  }

  /** Checks that a tensor that may be left out shares no element with a gradient that is read. */
  private static void gradients(String name, String role, Tensor tensor, Backward inputs) {
    if (tensor != null) {
      Checks.disjoint(name, role, tensor, inputs.dy);
      Checks.disjoint(name, role, tensor, inputs.dhn);
      Checks.disjoint(name, role, tensor, inputs.dcn);
    }
  }

  /**
   * Returns a plan as the kind that a backend makes.
   *
   * @throws IllegalArgumentException if another backend made it
   */
  protected static <P extends Plan> P own(Plan plan, Class<P> kind) {
    if (!kind.isInstance(plan)) {
      throw new IllegalArgumentException(
          "recurrent: the plan '%s' is another backend's (ask this backend for one)"
              .formatted(plan.algorithm()));
    }
    return kind.cast(plan);
  }

  /** Makes the plan of a spec. */
  protected abstract Plan makePlan(RecurrentSpec spec);

  /** Computes {@link #forward} on checked operands. */
  protected abstract void computeForward(Plan plan, Forward tensors);

  /** Computes {@link #backwardData} on checked operands. */
  protected abstract void computeBackwardData(Plan plan, Backward tensors);

  /** Computes {@link #backwardWeights} on checked operands. */
  protected abstract void computeBackwardWeights(Plan plan, Backward tensors);
}
