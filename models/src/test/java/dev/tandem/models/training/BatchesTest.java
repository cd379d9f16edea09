package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.datasets.HostArray;
import dev.tandem.engine.Philox;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.Executor;
import dev.tandem.models.Network;
import dev.tandem.models.layers.RecurrentLayer;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchesTest {
  private static final int[] LENGTHS = TrainingFixtures.lengths(101, 29);
  private static final HostArray SENTENCES = TrainingFixtures.tokens(1, 9, LENGTHS);

  private static Network lstm() {
    return Network.tokenBuilder("net", Shape.of(29))
        .embedding(9, 4)
        .recurrent(new RecurrentLayer.Settings(RecurrentCell.LSTM, 4, 1, false, 0, false))
        .linear(2)
        .build();
  }

  private static int[] shuffled(int count, long seed) {
    int[] order = Batches.ascending(count);
    new Philox(seed, 0).permute(order);
    return order;
  }

  @Test
  void everyExampleIsInOneBatchThatIsLongEnough() {
    Batches division = new Batches(lstm(), SENTENCES, 8, false);
    List<Executor.Size> sizes = division.sizes(true);
    for (int seed = 0; seed < 5; seed++) {
      Batches.Pass pass = division.pass(shuffled(101, seed));

      assertThat(pass.order()).containsExactlyInAnyOrder(Batches.ascending(101));
      assertThat(pass.batches()).hasSize(division.count());
      int at = 0;
      for (Batches.Batch batch : pass.batches()) {
        assertThat(batch.from()).isEqualTo(at);
        assertThat(batch.count()).isBetween(1, 8);
        for (int i = 0; i < batch.count(); i++) {
          assertThat(LENGTHS[pass.order()[at + i]]).isLessThanOrEqualTo(batch.steps());
        }
        // Whatever the order, programs for all its batches were made beforehand.
        assertThat(sizes).contains(division.size(batch, true));
        at += batch.count();
      }
      assertThat(at).isEqualTo(101);
    }
    assertThat(division.paddingFraction()).isLessThan(0.1);
  }

  @Test
  void wholeExamplesGoByTheirOrderAndTheLastBatchIsSmaller() {
    Network network = Network.builder("net", Shape.of(3)).linear(2).build();
    Batches division = new Batches(network, TrainingFixtures.random(1, 21, 3), 8, false);
    int[] order = shuffled(21, 4);

    assertThat(division.pass(order).order()).isEqualTo(order);
    assertThat(division.pass(order).batches())
        .extracting(Batches.Batch::count)
        .containsExactly(8, 8, 5);
    assertThat(division.sizes(false)).hasSize(2);
  }

  @Test
  void continuingBatchesGoOnRowByRow() {
    HostArray windows = TrainingFixtures.tokens(1, 9, TrainingFixtures.lengths(10, 1));
    Batches division = new Batches(lstm(), HostArray.of(windows.ints(), 10, 1), 3, true);
    Batches.Pass pass = division.pass(shuffled(10, 1));

    // Three runs of three windows; the tenth fills none.
    assertThat(pass.order()).containsExactly(0, 3, 6, 1, 4, 7, 2, 5, 8);
    assertThat(pass.batches()).extracting(Batches.Batch::count).containsOnly(3);
  }

  @Test
  void aMeasurementLeavesNothingOut() {
    HostArray windows =
        HostArray.of(
            TrainingFixtures.tokens(1, 9, TrainingFixtures.lengths(131, 1)).ints(), 131, 1);
    Batches division = Batches.measuring(lstm(), windows, 32, true);
    Batches.Pass pass = division.pass(Batches.ascending(131));

    // Two runs of 65 windows, and one window more.
    assertThat(pass.order()).startsWith(0, 65, 1, 66).endsWith(64, 129, 130);
    assertThat(pass.order()).containsExactlyInAnyOrder(Batches.ascending(131));
    assertThat(pass.batches()).hasSize(66);
    assertThat(pass.batches().getLast()).isEqualTo(new Batches.Batch(130, 1, 1));
    assertThat(division.leftOut()).isZero();
    assertThat(new Batches(lstm(), windows, 32, true).leftOut()).isEqualTo(3);
  }
}
