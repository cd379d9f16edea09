package dev.tandem.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {
  /** The known answers for philox4x32 with 10 rounds in Random123's {@code kat_vectors}. */
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
  })
  void knownAnswers(String counter, String key, String expected) {
    int[] c = words(counter);
    int[] k = words(key);
    int[] result = new int[4];
    long seed = (long) k[1] << 32 | Integer.toUnsignedLong(k[0]);
    Philox.block(seed, c[0], c[1], c[2], c[3], result);
    assertThat(result).isEqualTo(words(expected));
  }

  @Test
  void anInstanceDrawsTheBlocksOfItsStreamInOrder() {
    long seed = 0x0123_4567_89AB_CDEFL;
    long stream = 0xFEDC_BA98_7654_3210L;
    Philox random = new Philox(seed, stream);
    int[] words = new int[4];
    for (int block = 0; block < 3; block++) {
      Philox.block(seed, block, 0, (int) stream, (int) (stream >>> 32), words);
      for (int word : words) {
        assertThat(random.nextInt()).isEqualTo(word);
      }
    }
  }

  @Test
  void aLongIsTwoWordsTheFirstOnTop() {
    Philox random = new Philox(0, 0);
    assertThat(random.nextLong()).isEqualTo(0x6627e8d5_e169c58dL);
    assertThat(random.nextLong()).isEqualTo(0xbc57ac4c_9b00dbd8L);
  }

  @Test
  void streamsOfOneSeedDiffer() {
    assertThat(new Philox(1, 0).nextLong()).isNotEqualTo(new Philox(1, 1).nextLong());
    assertThat(new Philox(1, 0).nextLong()).isNotEqualTo(new Philox(1, 1L << 32).nextLong());
  }

  @Test
  void permutesAllNumbers() {
    int[] order = new int[1_000];
    new Philox(7, 0).permute(order);
    int[] again = new int[1_000];
    new Philox(7, 0).permute(again);
    assertThat(again).isEqualTo(order);
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    assertThat(order).isNotEqualTo(sorted);
    Arrays.setAll(again, i -> i);
    assertThat(sorted).isEqualTo(again);
  }

  private static int[] words(String hexadecimal) {
    return Arrays.stream(hexadecimal.split(" "))
        .mapToInt(word -> Integer.parseUnsignedInt(word, 16))
        .toArray();
  }
}
