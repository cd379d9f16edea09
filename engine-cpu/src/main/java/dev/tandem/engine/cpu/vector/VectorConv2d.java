package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Backend;
import dev.tandem.engine.Conv2d;
import dev.tandem.engine.Conv2dSpec;
import dev.tandem.engine.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Convolutions as matrix products that read patches of pictures where a {@link ConvLowering} put
 * them, or, with filters of 3 x 3 and enough channels, by Winograd's method, see {@link
 * WinogradProductJob}.
 */
final class VectorConv2d extends Conv2d {
  private static final String SHIFTED = "shifted copies";
  private static final String WINOGRAD = "Winograd F(4x4,3x3)";

  /** Less work than this, some 10 microseconds, is not shared. */
  private static final long SHARED_FLOPS = 1 << 20;

  private final Workers workers;
  private final ConvScratch scratch;
  private final WinogradScratch[] winogradScratch;
  private final ConvProductJob products;
  private final WinogradFilters winogradFilters;
  private final WinogradProductJob winogradProducts;
  private final ConvFilterJob filterSums;
  private final WinogradFilterJob winogradSums;
  private final ConvSharesJob shares = new ConvSharesJob();
  private final TurnJob turned = new TurnJob();
  private final BiasJob biases = new BiasJob();

  VectorConv2d(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
    scratch = new ConvScratch(workers.threads());
    winogradScratch = WinogradScratch.of(workers.threads());
    products = new ConvProductJob(scratch);
    winogradFilters = new WinogradFilters(winogradScratch);
    winogradProducts = new WinogradProductJob(winogradScratch);
    filterSums = new ConvFilterJob(scratch);
    winogradSums = new WinogradFilterJob(winogradScratch);
  }

  private static final class VectorPlan extends Plan {
    private final ConvPhase forward;
    private final List<ConvPhase> backward;
    private final ConvFilterPlan filter;

    /** Null where Winograd's method does not pay. */
    private final WinogradTiling forwardTiling;

    private final WinogradTiling backwardTiling;
    private final WinogradTiling filterTiling;

    VectorPlan(
        Conv2d family,
        Conv2dSpec spec,
        ConvPhase forward,
        List<ConvPhase> backward,
        ConvFilterPlan filter,
        WinogradTiling forwardTiling,
        WinogradTiling backwardTiling,
        WinogradTiling filterTiling) {
      super(
          family,
          spec,
          LongStream.of(
                  spec.filter().elements(),
                  filter.workspace(),
                  forwardTiling == null ? 0 : forwardTiling.filters(),
                  backwardTiling == null ? 0 : backwardTiling.filters(),
                  filterTiling == null ? 0 : WinogradFilterJob.workspace(filterTiling))
              .max()
              .orElseThrow(),
          forwardTiling == null ? SHIFTED : WINOGRAD,
          backwardTiling != null
              ? WINOGRAD
              : backward.size() == 1 ? SHIFTED : SHIFTED + " for each remainder of the stride",
          filterTiling != null ? WINOGRAD : filter.dots() ? SHIFTED + " in dot products" : SHIFTED);
      this.forward = forward;
      this.backward = backward;
      this.filter = filter;
      this.forwardTiling = forwardTiling;
      this.backwardTiling = backwardTiling;
      this.filterTiling = filterTiling;
    }
  }

  @Override
  protected Plan choose(Conv2dSpec spec) {
    ConvPhase forward = ConvPhase.forward(spec);
    int picture = forward.lowering().scratch();
    List<ConvPhase> backward = new ArrayList<>();
    int at = 0;
    for (int row = 0; row < spec.strideHeight(); row++) {
      for (int column = 0; column < spec.strideWidth(); column++) {
        ConvPhase phase = ConvPhase.backward(spec, row, column, at);
        if (phase != null) {
          backward.add(phase);
          at += phase.filterElements() * spec.groups();
          picture = Math.max(picture, phase.lowering().scratch());
        }
      }
    }
    ConvFilterPlan filter = new ConvFilterPlan(spec);
    picture = Math.max(picture, filter.lowering().scratch());
    scratch.reserve(picture, filter.panel());
    WinogradTiling forwardTiling = WinogradTiling.forward(spec);
    WinogradTiling backwardTiling = WinogradTiling.backward(spec);
    WinogradTiling filterTiling = WinogradTiling.filter(spec);
    for (WinogradScratch memory : winogradScratch) {
      memory.reserve(forwardTiling, false);
      memory.reserve(backwardTiling, false);
      memory.reserve(filterTiling, true);
    }
    return new VectorPlan(
        this, spec, forward, backward, filter, forwardTiling, backwardTiling, filterTiling);
  }

  @Override
  protected void computeForward(
      Plan plan, Tensor x, Tensor w, Tensor bias, Activation f, Tensor y, Tensor workspace) {
    Conv2dSpec spec = plan.spec();
    WinogradTiling tiling = ((VectorPlan) plan).forwardTiling;
    if (tiling != null) {
      winograd(spec, tiling, false, x, w, bias, f, y, workspace);
      return;
    }
    products.set(
        ((VectorPlan) plan).forward,
        spec.groups(),
        spec.inChannels() / spec.groups() * spec.inHeight() * spec.inWidth(),
        spec.outHeight() * spec.outWidth(),
        floats(x),
        offset(x),
        floats(w),
        offset(w),
        bias == null ? null : floats(bias),
        bias == null ? 0 : offset(bias),
        f,
        floats(y),
        offset(y));
    run(spec, products, products.chunks(spec.batch()));
  }

  @Override
  protected void computeBackwardData(Plan plan, Tensor dy, Tensor w, Tensor dx, Tensor workspace) {
    Conv2dSpec spec = plan.spec();
    WinogradTiling tiling = ((VectorPlan) plan).backwardTiling;
    if (tiling != null) {
      winograd(spec, tiling, true, dy, w, null, Activation.IDENTITY, dx, workspace);
      return;
    }
    List<ConvPhase> phases = ((VectorPlan) plan).backward;
    for (int i = 0; i < phases.size(); i++) {
      ConvPhase phase = phases.get(i);
      int atFilters = offset(workspace) + phase.filters();
      turned.set(spec, phase, floats(w), offset(w), floats(workspace), atFilters);
      run(spec, turned, spec.inChannels());
      products.set(
          phase,
          spec.groups(),
          spec.outChannels() / spec.groups() * spec.outHeight() * spec.outWidth(),
          spec.inHeight() * spec.inWidth(),
          floats(dy),
          offset(dy),
          floats(workspace),
          atFilters,
          null,
          0,
          Activation.IDENTITY,
          floats(dx),
          offset(dx));
      run(spec, products, products.chunks(spec.batch()));
    }
  }

  @Override
  protected void computeBackwardFilter(
      Plan plan, Tensor x, Tensor dy, Tensor dw, Tensor workspace) {
    Conv2dSpec spec = plan.spec();
    ConvFilterPlan filter = ((VectorPlan) plan).filter;
    WinogradTiling tiling = ((VectorPlan) plan).filterTiling;
    float[] sums = floats(workspace);
    int at = offset(workspace);
    if (tiling == null) {
      filterSums.set(filter, floats(x), offset(x), floats(dy), offset(dy), sums, at);
      run(spec, filterSums, filter.chunks());
      shares.set(spec, filter.shares(), filter.sumsWidth(), sums, at, floats(dw), offset(dw));
    } else {
      winogradSums.set(tiling, floats(x), offset(x), floats(dy), offset(dy), sums, at);
      int count = WinogradFilterJob.shares(tiling);
      run(spec, winogradSums, count);
      int width = WinogradFilterJob.sumsWidth(tiling);
      shares.set(spec, count, width, sums, at, floats(dw), offset(dw));
    }
    run(spec, shares, shares.chunks());
  }

  @Override
  protected void computeBackwardBias(Plan plan, Tensor dy, Tensor db) {
    biases.set(plan.spec(), floats(dy), offset(dy), floats(db), offset(db));
    run(plan.spec(), biases, plan.spec().outChannels());
  }

  private void winograd(
      Conv2dSpec spec,
      WinogradTiling tiling,
      boolean turned,
      Tensor in,
      Tensor w,
      Tensor bias,
      Activation f,
      Tensor out,
      Tensor workspace) {
    float[] transformed = floats(workspace);
    int at = offset(workspace);
    winogradFilters.set(tiling, turned, floats(w), offset(w), transformed, at);
    run(spec, winogradFilters, winogradFilters.chunks());
    winogradProducts.set(
        tiling,
        floats(in),
        offset(in),
        transformed,
        at,
        bias == null ? null : floats(bias),
        bias == null ? 0 : offset(bias),
        f,
        floats(out),
        offset(out));
    run(spec, winogradProducts, tiling.blocks());
  }

  private void run(Conv2dSpec spec, Workers.Task task, int chunks) {
    if (spec.flops() < SHARED_FLOPS) {
      workers.runAlone(task, chunks);
    } else {
      workers.run(task, chunks);
    }
  }

  /** {@code wT[g,c,k,r,t] = w[g,k,c,r,t]} for the rows and columns of a phase; a chunk is (g,c). */
  private static final class TurnJob implements Workers.Task {
    private Conv2dSpec spec;
    private ConvPhase phase;
    private float[] w;
    private int atW;
    private float[] turned;
    private int atTurned;

    void set(
        Conv2dSpec theSpec,
        ConvPhase thePhase,
        float[] theW,
        int theAtW,
        float[] theTurned,
        int theAtTurned) {
      spec = theSpec;
      phase = thePhase;
      w = theW;
      atW = theAtW;
      turned = theTurned;
      atTurned = theAtTurned;
    }

    @Override
    public void run(int chunk, int worker) {
      int channels = spec.inChannels() / spec.groups();
      int filters = spec.outChannels() / spec.groups();
      int elements = spec.kernelHeight() * spec.kernelWidth();
      int to = atTurned + chunk * phase.lowering().offsets().length;
      int[] rows = phase.filterRows();
      int[] columns = phase.filterColumns();
      for (int k = 0; k < filters; k++) {
        int filter = chunk / channels * filters + k;
        int from = atW + (filter * channels + chunk % channels) * elements;
        for (int r : rows) {
          for (int t : columns) {
            turned[to++] = w[from + r * spec.kernelWidth() + t];
          }
        }
      }
    }
  }

  /** {@code db[k] += sum of dy[n,k,i,j]}; a chunk is k. */
  private static final class BiasJob implements Workers.Task {
    private Conv2dSpec spec;
    private float[] dy;
    private int atDy;
    private float[] db;
    private int atDb;

    void set(Conv2dSpec theSpec, float[] theDy, int theAtDy, float[] theDb, int theAtDb) {
      spec = theSpec;
      dy = theDy;
      atDy = theAtDy;
      db = theDb;
      atDb = theAtDb;
    }

    @Override
    public void run(int chunk, int worker) {
      int plane = spec.outHeight() * spec.outWidth();
      double sum = 0;
      for (int n = 0; n < spec.batch(); n++) {
        sum += Sums.sum(dy, atDy + (n * spec.outChannels() + chunk) * plane, plane);
      }
      db[atDb + chunk] += (float) sum;
    }
  }
}
