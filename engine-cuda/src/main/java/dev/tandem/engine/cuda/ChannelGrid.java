package dev.tandem.engine.cuda;

import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Kernel;

/**
 * How the kernels of {@link CudaNorms} go over {@code x [examples, channels, behind]}: what
 * norms.cu calls a walk. Long channels are divided into pieces, each a block of its own; how many
 * depends on the sizes alone.
 */
final class ChannelGrid {
  private static final int WARP = 32;

  /** The blocks that are enough to read x at the speed of the memory. */
  private static final int ENOUGH_BLOCKS = 512;

  /** The fewest elements that a thread goes over before a channel is divided further. */
  private static final int ELEMENTS_OF_THREAD = 16;

  private long examples;
  private long channels;
  private long behind;
  private long examplesOfPiece;
  private long behindOfPiece;
  private int threads;
  private int examplePieces;
  private int behindPieces;

  /**
   * Lays out a batch {@code [N,C,...]}.
   *
   * @param mostParts the most pairs of sums that may be kept, of each channel and piece
   */
  ChannelGrid over(Tensor x, long mostParts) {
    long elementsBehind = 1;
    for (int axis = 2; axis < x.shape().rank(); axis++) {
      elementsBehind *= x.shape().dimension(axis);
    }
    return over(x.shape().dimension(0), x.shape().dimension(1), elementsBehind, mostParts);
  }

  /** Lays out {@code [examples, channels, behind]}, likewise. */
  ChannelGrid over(long theExamples, long theChannels, long elementsBehind, long mostParts) {
    examples = theExamples;
    channels = theChannels;
    behind = elementsBehind;
    threads = RowBlocks.powerOfTwo(isColumns() ? channels : behind, isColumns() ? WARP : 256);
    long threadsOfChannel = isColumns() ? Kernel.THREADS / threads : Kernel.THREADS;
    long worthwhile = examples * behind / (threadsOfChannel * ELEMENTS_OF_THREAD);
    long held = mostParts / Math.max(1, channels);
    long pieces =
        Math.max(1, Math.min(ENOUGH_BLOCKS / Math.max(1, blocks()), Math.min(worthwhile, held)));
    long threadsDown = Kernel.THREADS / threads;
    examplesOfPiece = share(examples, pieces, threadsDown);
    examplePieces = (int) Math.max(1, RowBlocks.parts(examples, examplesOfPiece));
    behindOfPiece = share(behind, pieces / examplePieces, threads);
    behindPieces = (int) Math.max(1, RowBlocks.parts(behind, behindOfPiece));
    return this;
  }

  /** Returns how many of some things a piece gets, at least as many as there are threads. */
  private static long share(long count, long pieces, long threads) {
    return Math.max(threads, RowBlocks.parts(count, Math.max(1, pieces)));
  }

  /** Returns whether nothing lies behind the channels, so that they are columns of a matrix. */
  boolean isColumns() {
    return behind == 1;
  }

  /** Returns whether there is nothing to launch. */
  boolean isEmpty() {
    return channels == 0;
  }

  /** Returns the number of pieces of each channel. */
  int pieces() {
    return examplePieces * behindPieces;
  }

  int examplePieces() {
    return examplePieces;
  }

  int behindPieces() {
    return behindPieces;
  }

  long channels() {
    return channels;
  }

  private long blocks() {
    return isColumns() ? RowBlocks.parts(channels, threads) : channels;
  }

  /** Gives a kernel the sizes, which are its first arguments. */
  Kernel sizes(Kernel kernel) {
    return kernel
        .index(examples)
        .index(channels)
        .index(behind)
        .index(examplesOfPiece)
        .index(behindOfPiece);
  }

  /** Launches a kernel that goes over the elements. */
  void launch(Kernel kernel) {
    kernel.launch(
        (int) blocks(), examplePieces, behindPieces, threads, Kernel.THREADS / threads, 1, 0);
  }

  /** Launches a kernel that goes over the channels, one thread each. */
  void launchOverChannels(Kernel kernel) {
    kernel.launch((int) RowBlocks.parts(channels, Kernel.THREADS), Kernel.THREADS);
  }
}
