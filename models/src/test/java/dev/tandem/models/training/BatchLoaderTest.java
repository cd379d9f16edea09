package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.datasets.Augmentation;
import dev.tandem.datasets.HostArray;
import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import dev.tandem.models.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BatchLoaderTest {
  private static final int COUNT = 11;
  private static final int PIXELS = 2 * 5 * 4;
  private static final Network NETWORK =
      Network.builder("net", Shape.of(2, 5, 4)).flatten().linear(2).build();

  /** Bytes that stand for numbers, which are decoded by a thread of its own. */
  private static HostArray pixels() {
    byte[] values = new byte[COUNT * PIXELS];
    float[][] decode = new float[2][256];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (i * 37);
    }
    for (int value = 0; value < 256; value++) {
      decode[0][value] = value / 255f;
      decode[1][value] = value - 100;
    }
    return HostArray.pixels(values, decode, COUNT, 2, 5, 4);
  }

  /** Returns the rows of the batches of one pass after the other. */
  private static List<float[]> load(
      HostArray inputs, Augmentation augmentation, int batchSize, int[][] orders, int batches) {
    Batches division = new Batches(NETWORK, inputs, batchSize, false);
    MemoryPlan plan = new MemoryPlan();
    MemoryPlan.Slot slot =
        plan.add(MemoryKind.IO, "input", DataType.FLOAT32, Shape.of(batchSize, 2, 5, 4));
    List<float[]> rows = new ArrayList<>();
    try (Backend backend = TrainingFixtures.cpu(1);
        TensorArena arena = backend.allocate(plan);
        BatchLoader loader =
            new BatchLoader(backend, NETWORK, inputs, null, division, augmentation, 5)) {
      for (int epoch = 0; epoch < orders.length; epoch++) {
        Batches.Pass pass = division.pass(orders[epoch]);
        loader.begin(pass, epoch);
        for (Batches.Batch batch : pass.batches().subList(0, batches)) {
          Shape shape = Shape.of(batch.count(), 2, 5, 4);
          Tensor input = arena.tensor(slot).view("rows", 0, shape);
          loader.next(new BatchTensors(input, null, null, null));
          float[] values = new float[batch.count() * PIXELS];
          backend.transfers().download(input, values, 0);
          for (int i = 0; i < batch.count(); i++) {
            rows.add(Arrays.copyOfRange(values, i * PIXELS, (i + 1) * PIXELS));
          }
        }
      }
    }
    return rows;
  }

  private static int[] reversed() {
    int[] order = new int[COUNT];
    for (int i = 0; i < COUNT; i++) {
      order[i] = COUNT - 1 - i;
    }
    return order;
  }

  @Test
  void whatIsPreparedAheadIsWhatIsCopied() {
    HostArray pixels = pixels();
    HostArray floats = HostArray.of(pixels.floats(), COUNT, 2, 5, 4);
    int[][] orders = {reversed(), Batches.ascending(COUNT)};

    List<float[]> ahead = load(pixels, Augmentation.NONE, 4, orders, 3);
    assertThat(ahead).hasSize(2 * COUNT);
    assertThat(ahead)
        .usingElementComparator(Arrays::compare)
        .containsExactlyElementsOf(load(floats, Augmentation.NONE, 4, orders, 3));
    assertThat(ahead.get(COUNT)).isEqualTo(Arrays.copyOf(floats.floats(), PIXELS));
  }

  @Test
  void aPassThatIsLeftEarlyDoesNotReachIntoTheNext() {
    HostArray pixels = pixels();
    int[][] orders = {reversed(), Batches.ascending(COUNT), reversed()};

    List<float[]> rows = load(pixels, Augmentation.NONE, 4, orders, 1);
    assertThat(rows).hasSize(12);
    assertThat(rows.get(4)).isEqualTo(Arrays.copyOf(pixels.floats(), PIXELS));
    assertThat(rows.get(8)).isEqualTo(rows.get(0));
  }

  /** What becomes of a picture depends on seed, epoch and picture: not on where it stands. */
  @Test
  void picturesAreChangedAlikeWhateverTheirBatch() {
    Augmentation augmentation = Augmentation.parse("shift=1,flip,rotate=20,cutout=2");
    int[][] orders = {Batches.ascending(COUNT), reversed()};
    List<float[]> rows = load(pixels(), augmentation, 4, orders, 3);
    int[][] swapped = {reversed(), Batches.ascending(COUNT)};
    List<float[]> others = load(pixels(), augmentation, 3, swapped, 4);

    for (int i = 0; i < COUNT; i++) {
      assertThat(others.get(COUNT - 1 - i)).isEqualTo(rows.get(i));
      assertThat(rows.get(2 * COUNT - 1 - i)).as("another epoch").isNotEqualTo(rows.get(i));
    }
  }

  @Test
  void whatGoesWrongInTheThreadIsThrownWhereTheBatchIsWanted() {
    HostArray pixels = pixels();
    Batches division = new Batches(NETWORK, pixels, 4, false);
    MemoryPlan plan = new MemoryPlan();
    MemoryPlan.Slot slot = plan.add(MemoryKind.IO, "input", DataType.FLOAT32, Shape.of(4, 2, 5, 4));
    int[] order = Batches.ascending(COUNT);
    order[6] = COUNT;
    try (Backend backend = TrainingFixtures.cpu(1);
        TensorArena arena = backend.allocate(plan);
        BatchLoader loader =
            new BatchLoader(backend, NETWORK, pixels, null, division, Augmentation.NONE, 1)) {
      BatchTensors tensors = new BatchTensors(arena.tensor(slot), null, null, null);
      loader.begin(division.pass(order), 1);
      assertThatThrownBy(
              () -> {
                loader.next(tensors);
                loader.next(tensors);
              })
          .isInstanceOf(IndexOutOfBoundsException.class);
      loader.begin(division.pass(Batches.ascending(COUNT)), 2);
      assertThatThrownBy(() -> loader.next(tensors))
          .as("it does not wait for a thread that has ended")
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
