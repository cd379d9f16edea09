package dev.tandem.engine.cuda;

import dev.tandem.engine.Activations;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendInfo;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Conv2d;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Dropout;
import dev.tandem.engine.Elementwise;
import dev.tandem.engine.Embedding;
import dev.tandem.engine.Gemm;
import dev.tandem.engine.Losses;
import dev.tandem.engine.MathMode;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Norms;
import dev.tandem.engine.Optimizers;
import dev.tandem.engine.Pool2d;
import dev.tandem.engine.Recurrent;
import dev.tandem.engine.Reductions;
import dev.tandem.engine.Replayable;
import dev.tandem.engine.Softmax;
import dev.tandem.engine.TensorArena;
import dev.tandem.engine.Transfers;
import dev.tandem.engine.cuda.jcuda.Cublas;
import dev.tandem.engine.cuda.jcuda.CudaContext;
import dev.tandem.engine.cuda.jcuda.Cudnn;
import dev.tandem.engine.cuda.jcuda.DeviceBuffer;
import dev.tandem.engine.cuda.jcuda.Kernels;
import dev.tandem.engine.cuda.loading.CudaLibraries;
import dev.tandem.engine.cuda.loading.LoadedLibraries;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The GPU backend, in FLOAT32. Everything is computed on one stream in the order of the calls; no
 * operation waits for the device but a download.
 */
final class CudaBackend implements Backend {
  static final String ID = "cuda";

  /** Enough for the partial results of any reduction. */
  private static final long SCRATCH_BYTES = 1 << 20;

  private final LoadedLibraries libraries;
  private final MathMode math;
  private final CudaContext context;
  private final Kernels kernels;
  private final Cublas cublas;
  private final Cudnn cudnn;
  private final DeviceBuffer scratch;
  private final CudaCaptures captures;
  private final CudaTransfers transfers;
  private final Gemm gemm;
  private final Elementwise elementwise;
  private final Reductions reductions;
  private final Activations activations;
  private final Softmax softmax;
  private final Losses losses;
  private final Conv2d conv2d;
  private final Pool2d pool2d;
  private final Norms norms;
  private final Dropout dropout;
  private final Embedding embedding;
  private final Recurrent recurrent;
  private final Optimizers optimizers;

  /**
   * Opens the first device.
   *
   * @param libraries what JCuda runs on
   * @param math the arithmetic of matrix products
   * @param cache the folder in which compiled kernels are kept
   */
  CudaBackend(LoadedLibraries libraries, MathMode math, Path cache) {
    this.libraries = libraries;
    this.math = math;
    context = new CudaContext(0);
    kernels = new Kernels(context, cache);
    cublas = new Cublas(context, math);
    cudnn = new Cudnn(context, math);
    scratch = context.allocate("reductions", SCRATCH_BYTES);
    captures = new CudaCaptures(context);
    transfers = new CudaTransfers(this, context);
    gemm = new CudaGemm(this);
    elementwise = new CudaElementwise(this);
    reductions = new CudaReductions(this);
    activations = new CudaActivations(this);
    softmax = new CudaSoftmax(this);
    losses = new CudaLosses(this);
    conv2d = new CudaConv2d(this);
    pool2d = new CudaPool2d(this);
    norms = new CudaNorms(this);
    dropout = new CudaDropout(this);
    embedding = new CudaEmbedding(this);
    recurrent = new CudaRecurrent(this);
    optimizers = new CudaOptimizers(this);
  }

  /**
   * Opens the first device with the libraries that are found; classes of JCuda are touched after
   * these were loaded.
   */
  static CudaBackend open(BackendOptions options) {
    return new CudaBackend(CudaLibraries.load(), options.math(), userCache());
  }

  /** Returns where the user's compiled kernels are kept. */
  private static Path userCache() {
    String given = System.getenv("XDG_CACHE_HOME");
    Path caches =
        given == null || given.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(given);
    return caches.resolve("tandem").resolve("kernels");
  }

  /** Returns the device with its streams. */
  CudaContext context() {
    return context;
  }

  /** Returns the kernels. */
  Kernels kernels() {
    return kernels;
  }

  /** Returns cuBLAS. */
  Cublas cublas() {
    return cublas;
  }

  /**
   * Returns 1 MiB of device memory for what an operation's kernels hand to each other. The next
   * operation overwrites it; all run on one stream, so that none does so too early.
   */
  DeviceBuffer scratch() {
    return scratch;
  }

  /** Returns cuDNN. */
  Cudnn cudnn() {
    return cudnn;
  }

  /** Returns the captured steps. */
  CudaCaptures captures() {
    return captures;
  }

  /** Returns the arithmetic of matrix products. */
  MathMode math() {
    return math;
  }

  @Override
  public BackendInfo info() {
    Map<String, String> details = new LinkedHashMap<>(libraries.details());
    details.put("kernels", kernels.description());
    if (captures.count() > 0) {
      details.put("graphs", captures.count() + " steps captured");
    }
    if (captures.obstacle() != null) {
      details.put("no graph", captures.obstacle());
    }
    return new BackendInfo(
        ID,
        libraries.device(),
        math,
        1,
        EnumSet.of(DataType.FLOAT32),
        Collections.unmodifiableMap(details));
  }

  @Override
  public TensorArena allocate(MemoryPlan plan) {
    return new CudaArena(this, context, plan);
  }

  @Override
  public Transfers transfers() {
    return transfers;
  }

  @Override
  public Gemm gemm() {
    return gemm;
  }

  @Override
  public Elementwise elementwise() {
    return elementwise;
  }

  @Override
  public Reductions reductions() {
    return reductions;
  }

  @Override
  public Activations activations() {
    return activations;
  }

  @Override
  public Softmax softmax() {
    return softmax;
  }

  @Override
  public Losses losses() {
    return losses;
  }

  @Override
  public Conv2d conv2d() {
    return conv2d;
  }

  @Override
  public Pool2d pool2d() {
    return pool2d;
  }

  @Override
  public Norms norms() {
    return norms;
  }

  @Override
  public Dropout dropout() {
    return dropout;
  }

  @Override
  public Embedding embedding() {
    return embedding;
  }

  @Override
  public Recurrent recurrent() {
    return recurrent;
  }

  @Override
  public Optimizers optimizers() {
    return optimizers;
  }

  @Override
  public Replayable capture(Runnable step) {
    return captures.capture(step);
  }

  @Override
  public void synchronize() {
    context.synchronize();
  }

  @Override
  public void close() {
    captures.close();
    transfers.close();
    cudnn.close();
    cublas.close();
    scratch.close();
    kernels.close();
    context.close();
  }
}
