package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Activations;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendInfo;
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
import dev.tandem.engine.cpu.HostArena;
import dev.tandem.engine.cpu.HostTransfers;
import java.util.EnumSet;
import java.util.Map;

/** The oracle: naive loops on one thread, in FLOAT32 and FLOAT64, with sums in double. */
final class ScalarBackend implements Backend {
  private static final BackendInfo INFO =
      new BackendInfo(
          ScalarBackendProvider.ID,
          ScalarBackendProvider.DEVICE,
          MathMode.FP32,
          1,
          EnumSet.of(DataType.FLOAT32, DataType.FLOAT64),
          Map.of("java", Runtime.version().toString()));

  private final Transfers transfers = new HostTransfers(this);
  private final Gemm gemm = new ScalarGemm(this);
  private final Elementwise elementwise = new ScalarElementwise(this);
  private final Reductions reductions = new ScalarReductions(this);
  private final Activations activations = new ScalarActivations(this);
  private final Softmax softmax = new ScalarSoftmax(this);
  private final Losses losses = new ScalarLosses(this);
  private final Conv2d conv2d = new ScalarConv2d(this);
  private final Pool2d pool2d = new ScalarPool2d(this);
  private final Norms norms = new ScalarNorms(this);
  private final Dropout dropout = new ScalarDropout(this);
  private final Embedding embedding = new ScalarEmbedding(this);
  private final Recurrent recurrent = new ScalarRecurrent(this);
  private final Optimizers optimizers = new ScalarOptimizers(this);

  @Override
  public BackendInfo info() {
    return INFO;
  }

  @Override
  public TensorArena allocate(MemoryPlan plan) {
    return new HostArena(this, plan);
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
    step.run();
    return step::run;
  }

  @Override
  public void synchronize() {
    // Every operation has finished when its call returns.
  }

  @Override
  public void close() {
    // There are no threads and no handles.
  }
}
