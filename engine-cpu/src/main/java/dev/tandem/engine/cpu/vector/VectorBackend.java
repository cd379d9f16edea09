package dev.tandem.engine.cpu.vector;

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
import java.util.EnumSet;
import java.util.Map;

/** The fast CPU backend, in FLOAT32. */
final class VectorBackend implements Backend {
  private final BackendInfo info;
  private final Workers workers;
  private final Transfers transfers;
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

  VectorBackend(int threads, String device) {
    info =
        new BackendInfo(
            VectorBackendProvider.ID,
            device,
            MathMode.FP32,
            threads,
            EnumSet.of(DataType.FLOAT32),
            Map.of("java", Runtime.version().toString()));
    workers = new Workers(threads);
    transfers = new VectorTransfers(this, workers);
    gemm = new VectorGemm(this, workers);
    elementwise = new VectorElementwise(this, workers);
    reductions = new VectorReductions(this, workers);
    activations = new VectorActivations(this, workers);
    softmax = new VectorSoftmax(this, workers);
    losses = new VectorLosses(this, workers);
    conv2d = new VectorConv2d(this, workers);
    pool2d = new VectorPool2d(this, workers);
    norms = new VectorNorms(this, workers);
    dropout = new VectorDropout(this, workers);
    embedding = new VectorEmbedding(this, workers);
    recurrent = new VectorRecurrent(this, workers);
    optimizers = new VectorOptimizers(this, workers);
  }

  @Override
  public BackendInfo info() {
    return info;
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
    workers.close();
  }
}
