package dev.tandem.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
  @Test
  void slotsOfAKindAndTypeFollowEachOtherAligned() {
    MemoryPlan plan = new MemoryPlan();
    MemoryPlan.Slot first = plan.add(MemoryKind.PARAMETERS, "a", DataType.FLOAT32, Shape.of(3, 7));
    MemoryPlan.Slot other = plan.add(MemoryKind.IO, "b", DataType.FLOAT32, Shape.of(5));
    MemoryPlan.Slot second = plan.add(MemoryKind.PARAMETERS, "c", DataType.FLOAT32, Shape.of(16));
    MemoryPlan.Slot labels = plan.add(MemoryKind.PARAMETERS, "d", DataType.INT32, Shape.of(1));
    assertThat(first.offset()).isZero();
    assertThat(other.offset()).isZero();
    assertThat(second.offset()).isEqualTo(32);
    assertThat(labels.offset()).isZero();
    assertThat(plan.slots()).containsExactly(first, other, second, labels);
  }

  @Test
  void reportsTheBytesThatItTakes() {
    MemoryPlan plan = new MemoryPlan();
    plan.add(MemoryKind.PARAMETERS, "a", DataType.FLOAT32, Shape.of(17));
    plan.add(MemoryKind.PARAMETERS, "b", DataType.FLOAT64, Shape.of(1));
    plan.add(MemoryKind.IO, "c", DataType.INT32, Shape.of(16));
    assertThat(plan.length(MemoryKind.PARAMETERS, DataType.FLOAT32)).isEqualTo(32);
    assertThat(plan.bytes(MemoryKind.PARAMETERS)).isEqualTo(32 * 4 + 16 * 8);
    assertThat(plan.bytes(MemoryKind.WORKSPACE)).isZero();
    assertThat(plan.bytes()).isEqualTo(32 * 4 + 16 * 8 + 16 * 4);
  }

  @Test
  void roundsUpToWholeRegisters() {
    assertThat(MemoryPlan.roundUp(0)).isZero();
    assertThat(MemoryPlan.roundUp(1)).isEqualTo(16);
    assertThat(MemoryPlan.roundUp(16)).isEqualTo(16);
    assertThat(MemoryPlan.roundUp(17)).isEqualTo(32);
    assertThat(MemoryPlan.roundUp(1L << 40)).isEqualTo(1L << 40);
  }

  @Test
  void aSlotWithoutElementsHasABlock() {
    MemoryPlan plan = new MemoryPlan();
    plan.add(MemoryKind.IO, "empty", DataType.FLOAT32, Shape.of(0, 5));
    assertThat(plan.length(MemoryKind.IO, DataType.FLOAT32)).isPositive();
  }

  @Test
  void anEnclosingPlanIsAsLongAsTheLongest() {
    MemoryPlan wide = new MemoryPlan();
    wide.add(MemoryKind.ACTIVATIONS, "x", DataType.FLOAT32, Shape.of(100));
    MemoryPlan deep = new MemoryPlan();
    deep.add(MemoryKind.ACTIVATIONS, "x", DataType.FLOAT32, Shape.of(10));
    deep.add(MemoryKind.IO, "y", DataType.INT32, Shape.of(40));
    MemoryPlan both = MemoryPlan.enclosing(List.of(wide, deep));
    assertThat(both.slots()).isEmpty();
    assertThat(both.length(MemoryKind.ACTIVATIONS, DataType.FLOAT32)).isEqualTo(112);
    assertThat(both.length(MemoryKind.IO, DataType.INT32)).isEqualTo(48);
  }
}
