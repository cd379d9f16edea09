package dev.tandem.engine;

/**
 * An engine: memory and operations on one device. A backend offers every operation of every family
 * or is not a backend.
 *
 * <p>A backend belongs to one thread at a time. Operations run in the order in which they are
 * called; on a GPU they may still be running when the call returns, and {@link Transfers#download}
 * waits for them.
 */
public interface Backend extends AutoCloseable {
  /** Returns what this backend is and runs on. */
  BackendInfo info();

  /**
   * Takes the memory of a plan, zeroed. This is the only allocation of device memory.
   *
   * @throws MemoryShortageError if there is not enough; the message names the kind, what was asked
   *     for and the remedy
   * @throws IllegalArgumentException if a slot has a type that this backend does not compute in
   */
  TensorArena allocate(MemoryPlan plan);

  /** Returns copies between host and device, and fills. */
  Transfers transfers();

  /** Returns matrix products. */
  Gemm gemm();

  /** Returns sums, products and other operations element by element. */
  Elementwise elementwise();

  /** Returns sums, maxima and other reductions. */
  Reductions reductions();

  /** Returns activation functions. */
  Activations activations();

  /** Returns softmax and its logarithm. */
  Softmax softmax();

  /** Returns loss functions with their gradients. */
  Losses losses();

  /** Returns convolutions of pictures. */
  Conv2d conv2d();

  /** Returns maximum and average pooling of pictures. */
  Pool2d pool2d();

  /** Returns batch and layer normalisation. */
  Norms norms();

  /** Returns dropout. */
  Dropout dropout();

  /** Returns table look-up. */
  Embedding embedding();

  /** Returns recurrent layers over whole sequences. */
  Recurrent recurrent();

  /** Returns update rules of optimisers and gradient clipping. */
  Optimizers optimizers();

  /**
   * Runs a step once and returns a way to run it again. A GPU records it as a graph; elsewhere the
   * step itself is run again. Both give the same bits as calling the step. The step may call
   * operations on tensors of this backend and nothing else: no upload, no download, no decision on
   * values.
   */
  Replayable capture(Runnable step);

  /** Waits until every operation called so far has finished. */
  void synchronize();

  /** Frees threads and device handles. Arenas are closed by those who opened them, before this. */
  @Override
  void close();
}
