package dev.tandem.engine.cpu;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.MemoryShortageError;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;

/** The memory of a plan on the Java heap: one array for each kind and type. */
public final class HostArena implements TensorArena {
  /** The largest array that every JVM can make. */
  private static final long LONGEST_ARRAY = Integer.MAX_VALUE - 8L;

  /**
   * The bytes of a cache line that are left behind an array's header. Large arrays begin at a cache
   * line (G1 gives each regions of its own), so that the first tensor begins at the next, and the
   * others at multiples of lines behind it: a vector that lies across two lines is read twice.
   */
  private static final int BEHIND_HEADER = 64 - 16;

  private final MemoryPlan plan;
  private final HostStorage[][] blocks =
      new HostStorage[MemoryKind.values().length][DataType.values().length];

  /** Takes the memory of a plan for a backend. */
  public HostArena(Backend owner, MemoryPlan plan) {
    this.plan = plan;
    for (MemoryKind kind : MemoryKind.values()) {
      for (DataType type : DataType.values()) {
        long length = plan.length(kind, type);
        if (length > 0) {
          blocks[kind.ordinal()][type.ordinal()] = block(owner, kind, type, length);
        }
      }
    }
  }

  private static HostStorage block(Backend owner, MemoryKind kind, DataType type, long length) {
    if (!owner.info().floatTypes().contains(type) && type.isFloating()) {
      throw new IllegalArgumentException(
          "backend '%s' does not compute in %s (use backend 'scalar')"
              .formatted(owner.info().id(), type));
    }
    long mebibytes = length * type.bytes() >> 20;
    if (length + first(type) > LONGEST_ARRAY) {
      throw new MemoryShortageError(
          "%s need %d MiB in one block, more than the %d MiB that a Java array holds"
              .formatted(kind, mebibytes, LONGEST_ARRAY * type.bytes() >> 20),
          "use a smaller batch or model",
          MemoryShortageError.UNKNOWN,
          null);
    }
    try {
      return new HostStorage(owner, type, (int) length + first(type));
    } catch (OutOfMemoryError cause) {
      throw new MemoryShortageError(
          "%s need %d MiB, but the Java heap may grow to %d MiB in all"
              .formatted(kind, mebibytes, Runtime.getRuntime().maxMemory() >> 20),
          "use a smaller batch or model, or a larger heap, such as TANDEM_OPTS=-Xmx8g",
          MemoryShortageError.UNKNOWN,
          cause);
    }
  }

  @Override
  public Tensor tensor(MemoryPlan.Slot slot) {
    HostStorage block = blocks[slot.kind().ordinal()][slot.type().ordinal()];
    return new Tensor(slot.name(), block, first(slot.type()) + slot.offset(), slot.shape());
  }

  /** Returns the index of a block's first element. */
  private static int first(DataType type) {
    return BEHIND_HEADER / type.bytes();
  }

  @Override
  public MemoryPlan plan() {
    return plan;
  }

  @Override
  public void close() {
    for (HostStorage[] ofKind : blocks) {
      for (HostStorage block : ofKind) {
        if (block != null) {
          block.close();
        }
      }
    }
  }
}
