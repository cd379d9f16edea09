package dev.tandem.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * What an arena is to hold: named slots, each of a kind, a type and a shape. Made once, before any
 * memory is taken; the sizes it reports are the sizes that {@link Backend#allocate} takes.
 */
public final class MemoryPlan {
  /**
   * Slots begin at multiples of 16 elements, one AVX-512 register and one 64-byte cache line of
   * 32-bit values. The gaps are zero and stay zero.
   */
  public static final int ALIGNMENT = 16;

  /**
   * A named place in a plan.
   *
   * @param kind what the memory is for
   * @param name what errors call the tensor
   * @param type the element type
   * @param shape the extents
   * @param offset the index of the first element in the block of its kind and type
   */
  public record Slot(MemoryKind kind, String name, DataType type, Shape shape, long offset) {}

  private final List<Slot> slots = new ArrayList<>();
  private final long[][] lengths = new long[MemoryKind.values().length][DataType.values().length];

  /** Adds a slot at the end of its block and returns it. */
  public Slot add(MemoryKind kind, String name, DataType type, Shape shape) {
    long[] blocks = lengths[kind.ordinal()];
    Slot slot = new Slot(kind, name, type, shape, blocks[type.ordinal()]);
    // A slot without elements takes room too, so that its block exists.
    blocks[type.ordinal()] =
        Math.addExact(blocks[type.ordinal()], roundUp(Math.max(1, shape.elements())));
    slots.add(slot);
    return slot;
  }

  /** Returns all slots in the order in which they were added. */
  public List<Slot> slots() {
    return List.copyOf(slots);
  }

  /**
   * Returns a plan without slots whose blocks are as long as the longest of the given plans'. In
   * its arena the slots of each of these find room, one plan at a time: how batches of several
   * sizes share memory.
   */
  public static MemoryPlan enclosing(List<MemoryPlan> plans) {
    MemoryPlan longest = new MemoryPlan();
    for (MemoryPlan plan : plans) {
      for (int kind = 0; kind < longest.lengths.length; kind++) {
        for (int type = 0; type < longest.lengths[kind].length; type++) {
          longest.lengths[kind][type] =
              Math.max(longest.lengths[kind][type], plan.lengths[kind][type]);
        }
      }
    }
    return longest;
  }

  /** Returns the number of elements of the block of a kind and type, gaps included. */
  public long length(MemoryKind kind, DataType type) {
    return lengths[kind.ordinal()][type.ordinal()];
  }

  /** Returns the bytes of all blocks of a kind. */
  public long bytes(MemoryKind kind) {
    long bytes = 0;
    for (DataType type : DataType.values()) {
      bytes += length(kind, type) * type.bytes();
    }
    return bytes;
  }

  /** Returns the bytes of all blocks. */
  public long bytes() {
    long bytes = 0;
    for (MemoryKind kind : MemoryKind.values()) {
      bytes += bytes(kind);
    }
    return bytes;
  }

  /** Returns the least multiple of {@link #ALIGNMENT} that is not below a number of elements. */
  public static long roundUp(long elements) {
    return (elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
