package dev.tandem.models.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelfTestTest {
  private static Backend scalar;

  @BeforeAll
  static void open() {
    scalar = Backends.open("scalar", BackendOptions.defaults());
  }

  @AfterAll
  static void close() {
    scalar.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "cpu"})
  void everyBackendPasses(String id) {
    List<String> heard = new ArrayList<>();
    try (Backend subject = Backends.open(id, BackendOptions.defaults())) {
      List<SelfTest.Result> results =
          new SelfTest(subject, scalar).run(result -> heard.add(result.name()));
      assertThat(results)
          .allSatisfy(
              result -> {
                assertThat(result.failed()).isEmpty();
                assertThat(result.checks()).isPositive();
                assertThat(result.error()).isBetween(0.0, 1.0);
              });
      assertThat(results).extracting(SelfTest.Result::name).isEqualTo(heard);
    }
  }

  @Test
  void noFamilyIsMissing() {
    assertThat(SelfTest.families())
        .containsOnlyKeys(
            "memory",
            "gemm",
            "elementwise",
            "reductions",
            "activations",
            "softmax",
            "losses",
            "dropout",
            "embedding",
            "conv2d",
            "pool2d",
            "norms",
            "recurrent",
            "optimizers");
  }

  private SelfTest.Result run(Consumer<Bench> check) {
    return new SelfTest(scalar, scalar).run("family", List.of(new Check("check", 1, check)));
  }

  /** The subject computes in FLOAT32 here, by which a check can tell it from the oracle. */
  private static boolean isSubject(Tensor tensor) {
    return tensor.type().bytes() == 4;
  }

  @Test
  void oneWrongElementFails() {
    Consumer<Bench> wrong =
        bench -> {
          double[] numbers = new double[300];
          Tensor x = bench.compared(bench.random(300));
          numbers[299] = isSubject(x) ? 1.00001 : 1;
          bench.compared(bench.given(numbers, 300));
        };
    SelfTest.Result result = run(wrong);
    assertThat(result.error()).isGreaterThan(1);
    assertThat(result.failed())
        .singleElement()
        .asString()
        .matches("check: error [0-9.e+]+ of what is allowed");
  }

  @Test
  void whatIsNotWrittenFails() {
    assertThat(run(bench -> bench.result(3)).failed()).hasSize(1);
    SelfTest.Result poisoned =
        run(
            bench -> {
              Tensor y = bench.result(3);
              if (!isSubject(y)) {
                bench.backend().transfers().zero(y);
              }
            });
    assertThat(poisoned.error()).isNaN();
    assertThat(poisoned.failed()).hasSize(1);
  }

  @Test
  void whatIsThrownFails() {
    SelfTest.Result result =
        run(
            bench -> {
              throw new IllegalStateException("out of order");
            });
    assertThat(result.failed()).containsExactly("check: out of order");
  }
}
