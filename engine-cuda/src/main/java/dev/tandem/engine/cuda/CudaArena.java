package dev.tandem.engine.cuda;

import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.MemoryShortageError;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import dev.tandem.engine.cuda.jcuda.CudaContext;
import dev.tandem.engine.cuda.jcuda.CudaException;
import dev.tandem.engine.cuda.jcuda.DeviceBuffer;

/** The memory of a plan on the device: one allocation for each kind, all its types behind. */
final class CudaArena implements TensorArena {
  /** Libraries want matrices to begin at multiples of 256 bytes, as cuMemAlloc's results do. */
  private static final long ALIGNMENT = 256;

  private final MemoryPlan plan;
  private final CudaContext context;
  private final DeviceBuffer[] buffers = new DeviceBuffer[MemoryKind.values().length];
  private final CudaStorage[][] blocks =
      new CudaStorage[MemoryKind.values().length][DataType.values().length];

  /** Takes the memory of a plan for a backend. */
  CudaArena(CudaBackend owner, CudaContext context, MemoryPlan plan) {
    this.plan = plan;
    this.context = context;
    for (MemoryKind kind : MemoryKind.values()) {
      if (plan.length(kind, DataType.FLOAT64) > 0) {
        throw new IllegalArgumentException(
            "backend '%s' does not compute in FLOAT64 (use backend 'scalar')"
                .formatted(owner.info().id()));
      }
    }
    try {
      for (MemoryKind kind : MemoryKind.values()) {
        take(owner, kind);
      }
    } catch (MemoryShortageError shortage) {
      close();
      throw shortage.withFree(context.freeBytes());
    } catch (CudaException failure) {
      close();
      throw failure;
    }
  }

  private void take(CudaBackend owner, MemoryKind kind) {
    long bytes = 0;
    for (DataType type : DataType.values()) {
      bytes += room(kind, type);
    }
    if (bytes == 0) {
      return;
    }
    DeviceBuffer buffer = context.allocate(kind.name(), bytes);
    buffers[kind.ordinal()] = buffer;
    buffer.zero();
    long start = 0;
    for (DataType type : DataType.values()) {
      long length = plan.length(kind, type);
      if (length > 0) {
        blocks[kind.ordinal()][type.ordinal()] =
            new CudaStorage(owner, type, length, buffer, start);
      }
      start += room(kind, type);
    }
  }

  private long room(MemoryKind kind, DataType type) {
    long bytes = plan.length(kind, type) * type.bytes();
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  @Override
  public Tensor tensor(MemoryPlan.Slot slot) {
    CudaStorage block = blocks[slot.kind().ordinal()][slot.type().ordinal()];
    return new Tensor(slot.name(), block, slot.offset(), slot.shape());
  }

  @Override
  public MemoryPlan plan() {
    return plan;
  }

  @Override
  public void close() {
    for (CudaStorage[] ofKind : blocks) {
      for (CudaStorage block : ofKind) {
        if (block != null) {
          block.close();
        }
      }
    }
    for (DeviceBuffer buffer : buffers) {
      if (buffer != null) {
        buffer.close();
      }
    }
  }
}
