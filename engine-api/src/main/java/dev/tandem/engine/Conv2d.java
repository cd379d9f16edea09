package dev.tandem.engine;

/**
 * Two-dimensional convolutions, which are cross-correlations as in every deep-learning library: the
 * filter is not turned round.
 *
 * <p>With x {@code [N,C,H,W]}, w {@code [K,C/G,R,S]}, y {@code [N,K,P,Q]}, G groups, group {@code g
 * = k / (K/G)} of filter k, stride s, padding p and dilation d along either axis, and x = 0 outside
 * the picture:
 *
 * <pre>{@code
 * y[n,k,i,j] = f(bias[k] + sum over c,r,t of w[k,c,r,t] x[n, g C/G + c, i s + r d - p, j s + t d - p])
 * }</pre>
 *
 * <p>The zeros outside may be multiplied or left out: whether a filter or a gradient that is not
 * finite makes NaN of them is up to the backend. So is how far a number that is not finite spreads
 * where the backend computes a tile of results together (Winograd's method): to the whole tile.
 *
 * <p>A backend chooses how to compute it once for given sizes, see {@link #plan}. Operations
 * allocate nothing, and the same plan on the same numbers gives the same bits.
 */
public abstract class Conv2d extends OperationFamily {
  private static final String FORWARD = "conv2d";
  private static final String BACKWARD_DATA = "conv2d backwardData";
  private static final String BACKWARD_FILTER = "conv2d backwardFilter";
  private static final String BACKWARD_BIAS = "conv2d backwardBias";

  /**
   * What a backend chose for given sizes. It holds no memory and may be kept for as long as the
   * backend is open; only the backend that made it takes it.
   */
  public static class Plan {
    private final Conv2d family;
    private final Conv2dSpec spec;
    private final long workspaceElements;
    private final String forwardAlgorithm;
    private final String backwardDataAlgorithm;
    private final String backwardFilterAlgorithm;

    /** Makes the plan of a backend; see the methods of the same names. */
    protected Plan(
        Conv2d family,
        Conv2dSpec spec,
        long workspaceElements,
        String forwardAlgorithm,
        String backwardDataAlgorithm,
        String backwardFilterAlgorithm) {
      this.family = family;
      this.spec = spec;
      this.workspaceElements = workspaceElements;
      this.forwardAlgorithm = forwardAlgorithm;
      this.backwardDataAlgorithm = backwardDataAlgorithm;
      this.backwardFilterAlgorithm = backwardFilterAlgorithm;
    }

    /** Returns the sizes. */
    public final Conv2dSpec spec() {
      return spec;
    }

    /**
     * Returns the elements of scratch memory that every direction can do with, in the type of the
     * operands: the largest need of all directions; 0 for none. Depends on the sizes and the
     * backend alone.
     */
    public final long workspaceElements() {
      return workspaceElements;
    }

    /** Returns what {@link Conv2d#forward} does, for people to read. */
    public final String forwardAlgorithm() {
      return forwardAlgorithm;
    }

    /** Returns what {@link Conv2d#backwardData} does. */
    public final String backwardDataAlgorithm() {
      return backwardDataAlgorithm;
    }

    /** Returns what {@link Conv2d#backwardFilter} does. */
    public final String backwardFilterAlgorithm() {
      return backwardFilterAlgorithm;
    }

    @Override
    public String toString() {
      return "%s: forward %s, backwardData %s, backwardFilter %s, workspace of %d elements"
          .formatted(
              spec,
              forwardAlgorithm,
              backwardDataAlgorithm,
              backwardFilterAlgorithm,
              workspaceElements);
    }
  }

  /** Makes the family of a backend. */
  protected Conv2d(Backend backend) {
    super(backend);
  }

  /**
   * Chooses how to compute convolutions of given sizes. Cheap, but not free: it is called when
   * memory is bound, once for each batch size, and never within a step.
   *
   * @param spec the sizes
   */
  public final Plan plan(Conv2dSpec spec) {
    return choose(spec);
  }

  /**
   * {@code y = f(w * x + bias)}, see the class.
   *
   * @param plan of this backend
   * @param x {@code [N,C,H,W]}, read
   * @param w {@code [K,C/groups,R,S]}, read
   * @param bias {@code [K]}, read; null for none
   * @param f applied to every element of the result
   * @param y {@code [N,K,P,Q]}, overwritten
   * @param workspace at least {@link Plan#workspaceElements}, left with undefined values; null if
   *     that is 0
   */
  public final void forward(
      Plan plan, Tensor x, Tensor w, Tensor bias, Activation f, Tensor y, Tensor workspace) {
    Conv2dSpec spec = checked(FORWARD, plan);
    Checks.floating(this, FORWARD, "x", x);
    Checks.elements(FORWARD, "x", x, inputElements(spec));
    Checks.floating(this, FORWARD, "w", w, x, filterElements(spec));
    if (bias != null) {
      Checks.floating(this, FORWARD, "bias", bias, x, spec.outChannels());
    }
    Checks.floating(this, FORWARD, "y", y, x, outputElements(spec));
    Checks.disjoint(FORWARD, "y", y, x);
    Checks.disjoint(FORWARD, "y", y, w);
    Checks.disjoint(FORWARD, "y", y, bias);
    Tensor scratch = workspace(FORWARD, plan, workspace, x, w, y);
    if (scratch != null) {
      Checks.disjoint(FORWARD, "workspace", scratch, bias);
    }
    computeForward(plan, x, w, bias, f, y, scratch);
  }

  /**
   * The gradient of the input,
   *
   * <pre>{@code
   * dx[n,c,h,v] = sum of w[k,c',r,t] dy[n,k,i,j] over all k,r,t,i,j with i s + r d - p = h, j s + t d - p = v
   * }</pre>
   *
   * where the filters k are those that see channel c, as their channel c'.
   *
   * @param plan of this backend
   * @param dy {@code [N,K,P,Q]}, the gradient of the output before f was applied, read
   * @param w {@code [K,C/groups,R,S]}, read
   * @param dx {@code [N,C,H,W]}, overwritten
   * @param workspace as in {@link #forward}
   */
  public final void backwardData(Plan plan, Tensor dy, Tensor w, Tensor dx, Tensor workspace) {
    Conv2dSpec spec = checked(BACKWARD_DATA, plan);
    Checks.floating(this, BACKWARD_DATA, "dy", dy);
    Checks.elements(BACKWARD_DATA, "dy", dy, outputElements(spec));
    Checks.floating(this, BACKWARD_DATA, "w", w, dy, filterElements(spec));
    Checks.floating(this, BACKWARD_DATA, "dx", dx, dy, inputElements(spec));
    Checks.disjoint(BACKWARD_DATA, "dx", dx, dy);
    Checks.disjoint(BACKWARD_DATA, "dx", dx, w);
    Tensor scratch = workspace(BACKWARD_DATA, plan, workspace, dy, w, dx);
    computeBackwardData(plan, dy, w, dx, scratch);
  }

  /**
   * The gradient of the filters, {@code dw[k,c,r,t] += sum over n,i,j of dy[n,k,i,j] x[n, g C/G +
   * c, i s + r d - p, j s + t d - p]}.
   *
   * @param plan of this backend
   * @param x {@code [N,C,H,W]}, the input of the forward pass, read
   * @param dy {@code [N,K,P,Q]}, the gradient of the output before f was applied, read
   * @param dw {@code [K,C/groups,R,S]}, accumulated
   * @param workspace as in {@link #forward}
   */
  public final void backwardFilter(Plan plan, Tensor x, Tensor dy, Tensor dw, Tensor workspace) {
    Conv2dSpec spec = checked(BACKWARD_FILTER, plan);
    Checks.floating(this, BACKWARD_FILTER, "x", x);
    Checks.elements(BACKWARD_FILTER, "x", x, inputElements(spec));
    Checks.floating(this, BACKWARD_FILTER, "dy", dy, x, outputElements(spec));
    Checks.floating(this, BACKWARD_FILTER, "dw", dw, x, filterElements(spec));
    Checks.disjoint(BACKWARD_FILTER, "dw", dw, x);
    Checks.disjoint(BACKWARD_FILTER, "dw", dw, dy);
    Tensor scratch = workspace(BACKWARD_FILTER, plan, workspace, x, dy, dw);
    computeBackwardFilter(plan, x, dy, dw, scratch);
  }

  /**
   * The gradient of the bias, {@code db[k] += sum over n,i,j of dy[n,k,i,j]}.
   *
   * @param plan of this backend
   * @param dy {@code [N,K,P,Q]}, the gradient of the output before f was applied, read
   * @param db {@code [K]}, accumulated
   */
  public final void backwardBias(Plan plan, Tensor dy, Tensor db) {
    Conv2dSpec spec = checked(BACKWARD_BIAS, plan);
    Checks.floating(this, BACKWARD_BIAS, "dy", dy);
    Checks.elements(BACKWARD_BIAS, "dy", dy, outputElements(spec));
    Checks.floating(this, BACKWARD_BIAS, "db", db, dy, spec.outChannels());
    Checks.disjoint(BACKWARD_BIAS, "db", db, dy);
    computeBackwardBias(plan, dy, db);
  }

  private Conv2dSpec checked(String name, Plan plan) {
    if (plan.family != this) {
      throw new IllegalArgumentException(
          "%s: the plan is of another backend '%s', not of this backend '%s' (make it by the plan method of the backend that computes)"
              .formatted(name, plan.family.backend().info().id(), backend().info().id()));
    }
    return plan.spec;
  }

  /** Checks the scratch memory and returns it; null if none is needed. */
  private Tensor workspace(
      String name, Plan plan, Tensor workspace, Tensor first, Tensor second, Tensor output) {
    if (plan.workspaceElements == 0) {
      return null;
    }
    Checks.floating(this, name, "workspace", workspace);
    Checks.sameType(name, "workspace", workspace, first);
    if (workspace.elements() < plan.workspaceElements) {
      throw new IllegalArgumentException(
          "%s: 'workspace' is %s with %d elements, but the plan needs %d (give as many or more)"
              .formatted(name, workspace, workspace.elements(), plan.workspaceElements));
    }
    Checks.disjoint(name, "workspace", workspace, first);
    Checks.disjoint(name, "workspace", workspace, second);
    Checks.disjoint(name, "workspace", workspace, output);
    return workspace;
  }

  private static long inputElements(Conv2dSpec spec) {
    return (long) spec.batch() * spec.inChannels() * spec.inHeight() * spec.inWidth();
  }

  private static long filterElements(Conv2dSpec spec) {
    int channels = spec.inChannels() / spec.groups();
    return (long) spec.outChannels() * channels * spec.kernelHeight() * spec.kernelWidth();
  }

  private static long outputElements(Conv2dSpec spec) {
    return (long) spec.batch() * spec.outChannels() * spec.outHeight() * spec.outWidth();
  }

  /** Returns the plan for the sizes, of this very family. */
  protected abstract Plan choose(Conv2dSpec spec);

  /** Computes {@link #forward} on checked operands; the workspace is null if none is needed. */
  protected abstract void computeForward(
      Plan plan, Tensor x, Tensor w, Tensor bias, Activation f, Tensor y, Tensor workspace);

  /** Computes {@link #backwardData} on checked operands. */
  protected abstract void computeBackwardData(
      Plan plan, Tensor dy, Tensor w, Tensor dx, Tensor workspace);

  /** Computes {@link #backwardFilter} on checked operands. */
  protected abstract void computeBackwardFilter(
      Plan plan, Tensor x, Tensor dy, Tensor dw, Tensor workspace);

  /** Computes {@link #backwardBias} on checked operands. */
  protected abstract void computeBackwardBias(Plan plan, Tensor dy, Tensor db);
}
