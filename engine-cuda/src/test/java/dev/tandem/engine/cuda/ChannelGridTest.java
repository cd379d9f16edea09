package dev.tandem.engine.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How channels are divided; that the results are right is the conformance kit's to say. */
class ChannelGridTest {
  /** As many pairs of sums as one MiB holds. */
  private static final long PARTS = 1 << 17;

  private final ChannelGrid grid = new ChannelGrid();

  @ParameterizedTest
  @CsvSource({"64,128,1", "2,3,1", "0,3,5", "32,16,49", "1,1,2", "1000000,200000,1"})
  void littleIsOnePiece(long examples, long channels, long behind) {
    assertThat(grid.over(examples, channels, behind, PARTS - channels).pieces()).isOne();
  }

  @ParameterizedTest
  @CsvSource({"128,64,1024", "100000,10,1", "1,3,1000000", "2,2,70000", "256,3,50176"})
  void muchIsDivided(long examples, long channels, long behind) {
    int pieces = grid.over(examples, channels, behind, PARTS - channels).pieces();

    assertThat(pieces).isGreaterThan(1).isLessThanOrEqualTo(512);
    assertThat(grid.examplePieces()).isLessThanOrEqualTo((int) examples);
    assertThat(grid.behindPieces()).isLessThanOrEqualTo((int) behind);
  }

  @Test
  void theSumsOfThePiecesFitTheMemory() {
    for (long channels = 1; channels < 10_000; channels = channels * 3 + 1) {
      for (long parts : new long[] {0, 100, 5_000, PARTS}) {
        for (long behind : new long[] {1, 7, 4096}) {
          int pieces = grid.over(100_000, channels, behind, parts).pieces();

          assertThat(pieces == 1 || pieces * channels <= parts)
              .as("%d pieces of %d channels in %d", pieces, channels, parts)
              .isTrue();
        }
      }
    }
  }
}
