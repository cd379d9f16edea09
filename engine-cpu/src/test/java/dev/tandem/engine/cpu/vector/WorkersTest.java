package dev.tandem.engine.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
  @ParameterizedTest
  @CsvSource({"1,0", "1,7", "2,1", "2,2", "2,7", "5,3", "5,1000", "9,64"})
  void runsEveryChunkOnceAndAgain(int threads, int chunks) {
    AtomicIntegerArray runs = new AtomicIntegerArray(Math.max(1, chunks));
    try (Workers workers = new Workers(threads)) {
      for (int round = 1; round <= 200; round++) {
        workers.run((chunk, worker) -> runs.incrementAndGet(chunk), chunks);
        for (int chunk = 0; chunk < chunks; chunk++) {
          assertThat(runs.get(chunk)).isEqualTo(round);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 99})
  void throwsInTheCallerWhatAChunkThrewAndGoesOn(int failing) {
    try (Workers workers = new Workers(3)) {
      assertThatThrownBy(
              () ->
                  workers.run(
                      (chunk, worker) -> {
                        if (chunk == failing) {
                          throw new ArithmeticException("chunk " + chunk);
                        }
                      },
                      100))
          .isInstanceOf(ArithmeticException.class)
          .hasMessage("chunk " + failing);
      AtomicIntegerArray runs = new AtomicIntegerArray(1);
      workers.run((chunk, worker) -> runs.incrementAndGet(0), 100);
      assertThat(runs.get(0)).isEqualTo(100);
    }
  }

  /** The first chunk of the caller's range does not end before all others are done. */
  @Test
  void aThreadThatIsHeldUpIsHelped() {
    try (Workers workers = new Workers(2)) {
      CountDownLatch others = new CountDownLatch(9);
      workers.run(
          (chunk, worker) -> {
            if (chunk > 0) {
              others.countDown();
            } else {
              assertThat(await(others)).isTrue();
            }
          },
          10);
    }
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void closingEndsTheThreads() {
    Workers workers = new Workers(3);
    workers.run((chunk, worker) -> {}, 10);
    assertThat(names()).contains("tandem-cpu-1", "tandem-cpu-2");
    workers.close();
    workers.close();
    assertThatThrownBy(() -> workers.run((chunk, worker) -> {}, 10))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("backend 'cpu' was closed (open another)");
  }

  private static String[] names() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toArray(String[]::new);
  }
}
