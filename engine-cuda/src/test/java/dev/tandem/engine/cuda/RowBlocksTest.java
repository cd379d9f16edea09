package dev.tandem.engine.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernels rely on; that the results are right is the conformance kit's to say. */
class RowBlocksTest {
  private static final int WARP = 32;

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 10, 31, 32, 33, 1024, 1025, 8191, 8192, 1L << 40})
  void blocksAreWholeWarpsOfRowsThatAddUpAmongThemselves(long length) {
    int threads = RowBlocks.threads(length);
    int rows = RowBlocks.rows(length);

    assertThat(Integer.bitCount(threads)).as("%d threads", threads).isOne();
    assertThat(threads * rows % WARP).isZero();
    assertThat(threads * rows).isBetween(256, 1024);
    // reduceX adds up over a block where a row has more threads than a warp.
    assertThat(threads <= WARP || rows == 1).as("%d x %d", threads, rows).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 5, 16, 32, 1000, 5000, 100_000})
  void noThreadOfARowIsIdleFromTheStart(long length) {
    assertThat(RowBlocks.threads(length)).isLessThan((int) Math.min(1024, 2 * length));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 15, 16, 17, 1_000_000, 1L << 31})
  void thereAreBlocksForAllRowsUpToTheMost(long rows) {
    int blocks = RowBlocks.blocks(rows, 10, 1000);

    assertThat(blocks).isBetween(1, 1000);
    assertThat(blocks == 1000 || (long) blocks * RowBlocks.rows(10) >= rows).isTrue();
  }
}
