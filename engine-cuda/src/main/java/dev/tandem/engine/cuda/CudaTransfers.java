package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.pointer;

import dev.tandem.engine.DataType;
import dev.tandem.engine.StagingBuffer;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.Transfers;
import dev.tandem.engine.cuda.jcuda.CudaContext;
import dev.tandem.engine.cuda.jcuda.PinnedMemory;

/**
 * Copies between Java arrays and the device through page-locked memory, in the order of the compute
 * stream. An upload returns when it has taken the values from the array, not when they have
 * arrived; only a download waits for the device.
 */
final class CudaTransfers extends Transfers implements AutoCloseable {
  /**
   * The elements of each piece of page-locked memory, 256 KiB: so long that a call for each costs
   * less than the copy.
   */
  private static final int PIECE = 1 << 16;

  /** An upload waits only for the one this many pieces before it. */
  private static final int PIECES = 16;

  private final CudaContext context;
  private final PinnedMemory[] outgoing = new PinnedMemory[PIECES];
  private PinnedMemory incoming;
  private int sent;

  CudaTransfers(CudaBackend backend, CudaContext context) {
    super(backend);
    this.context = context;
  }

  @Override
  protected void computeUpload(float[] source, int from, Tensor target) {
    for (long done = 0; done < target.elements(); done += PIECE) {
      int count = piece(target, done);
      PinnedMemory memory = free();
      memory.floats().put(0, source, from + (int) done, count);
      send(memory, target, done, count);
    }
  }

  @Override
  protected void computeUpload(double[] source, int from, Tensor target) {
    for (long done = 0; done < target.elements(); done += PIECE) {
      int count = piece(target, done);
      PinnedMemory memory = free();
      for (int i = 0; i < count; i++) {
        memory.floats().put(i, (float) source[from + (int) done + i]);
      }
      send(memory, target, done, count);
    }
  }

  @Override
  protected void computeUpload(int[] source, int from, Tensor target) {
    for (long done = 0; done < target.elements(); done += PIECE) {
      int count = piece(target, done);
      PinnedMemory memory = free();
      memory.ints().put(0, source, from + (int) done, count);
      send(memory, target, done, count);
    }
  }

  @Override
  protected void computeUpload(StagingBuffer source, Tensor target) {
    if (target.elements() > 0) {
      ((CudaStaging) source).memory().copyTo(pointer(target), CudaStorage.bytes(target));
    }
  }

  @Override
  protected void computeDownload(Tensor source, float[] target, int from) {
    for (long done = 0; done < source.elements(); done += PIECE) {
      int count = piece(source, done);
      receive(source, done, count).floats().get(0, target, from + (int) done, count);
    }
  }

  @Override
  protected void computeDownload(Tensor source, double[] target, int from) {
    for (long done = 0; done < source.elements(); done += PIECE) {
      int count = piece(source, done);
      PinnedMemory memory = receive(source, done, count);
      for (int i = 0; i < count; i++) {
        target[from + (int) done + i] = memory.floats().get(i);
      }
    }
  }

  @Override
  protected void computeDownload(Tensor source, int[] target, int from) {
    for (long done = 0; done < source.elements(); done += PIECE) {
      int count = piece(source, done);
      receive(source, done, count).ints().get(0, target, from + (int) done, count);
    }
  }

  private static int piece(Tensor tensor, long done) {
    return (int) Math.min(PIECE, tensor.elements() - done);
  }

  /** Returns the next piece of memory, after what was last sent from it has left. */
  private PinnedMemory free() {
    int next = sent;
    sent = (sent + 1) % PIECES;
    if (outgoing[next] == null) {
      outgoing[next] = new PinnedMemory(context, (long) PIECE * Float.BYTES);
    }
    outgoing[next].awaitCopied();
    return outgoing[next];
  }

  private static void send(PinnedMemory memory, Tensor target, long done, int count) {
    memory.copyTo(pointer(target, done), (long) count * Float.BYTES);
  }

  private PinnedMemory receive(Tensor source, long done, int count) {
    if (incoming == null) {
      incoming = new PinnedMemory(context, (long) PIECE * Float.BYTES);
    }
    incoming.copyFrom(pointer(source, done), (long) count * Float.BYTES);
    return incoming;
  }

  @Override
  protected void computeCopy(Tensor source, Tensor target) {
    if (source.elements() > 0 && !target.sameRange(source)) {
      context.copy(pointer(source), pointer(target), CudaStorage.bytes(source));
    }
  }

  @Override
  protected void computeFill(Tensor target, double value) {
    if (target.elements() > 0) {
      int bits =
          target.type() == DataType.INT32 ? (int) value : Float.floatToRawIntBits((float) value);
      context.fill(pointer(target), bits, target.elements());
    }
  }

  @Override
  protected StagingBuffer createStage(DataType type, int length) {
    return new CudaStaging(context, type, length);
  }

  /** Frees the page-locked memory; staging buffers are closed by those who made them. */
  @Override
  public void close() {
    for (int i = 0; i < PIECES; i++) {
      if (outgoing[i] != null) {
        outgoing[i].close();
        outgoing[i] = null;
      }
    }
    if (incoming != null) {
      incoming.close();
      incoming = null;
    }
  }
}
