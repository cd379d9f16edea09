package dev.tandem.benchmarks.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Elementwise.Binary;
import dev.tandem.engine.Losses.Pointwise;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Reductions.Axis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CasesTest {
  /** Every kind of case, in sizes that the oracle does quickly. */
  static Stream<Case> small() {
    List<Case> cases = new ArrayList<>();
    for (String shape : List.of("17x9x33", "17x9x33xA", "17x9x33xB", "17x9x33xAB", "1x40x7xB")) {
      cases.add(GemmCases.product(shape));
    }
    for (String direction : List.of("forward", "backwardData", "backwardFilter", "backwardBias")) {
      cases.add(Conv2dCases.convolution("3x4x9x6x3x2x1x2", direction));
    }
    for (Pool2dSpec.Mode mode : Pool2dSpec.Mode.values()) {
      cases.add(Conv2dCases.pooling("3x5x19x3x2x1", mode, false));
      cases.add(Conv2dCases.pooling("3x5x19x3x2x1", mode, true));
    }
    for (Binary operation : Binary.values()) {
      cases.add(ElementCases.binary("7x53", operation, Broadcast.SAME));
      cases.add(ElementCases.binary("7x53", operation, Broadcast.ROW));
    }
    for (Activation function : Activation.values()) {
      cases.add(ElementCases.activation("7x53", function, false));
      cases.add(ElementCases.activation("7x53", function, true));
    }
    cases.add(ElementCases.dropout("7x53"));
    cases.add(ElementCases.embedding("37x101x13"));
    cases.add(ElementCases.scale("7x53"));
    cases.add(ElementCases.multiplyAdd("7x53"));
    cases.add(OptimizerCases.norm(1001));
    cases.add(OptimizerCases.sgd(1001));
    cases.add(OptimizerCases.momentum(1001));
    cases.add(OptimizerCases.adam(1001, false));
    cases.add(OptimizerCases.adam(1001, true));
    cases.add(RowCases.softmax("7x53"));
    cases.add(RowCases.softmaxBackward("7x53"));
    cases.add(RowCases.crossEntropy("7x53"));
    cases.add(RowCases.layerNorm("7x53"));
    cases.add(RowCases.layerNormBackward("7x53"));
    cases.add(RowCases.batchNorm("3x5x7"));
    cases.add(RowCases.batchNormBackward("3x5x7"));
    cases.add(RowCases.pointwise("7x53", Pointwise.MSE));
    for (Axis axis : Axis.values()) {
      cases.add(RowCases.sum("7x53", axis));
    }
    for (RecurrentCell cell : RecurrentCell.values()) {
      for (CellCases.Pass pass : CellCases.Pass.values()) {
        cases.add(CellCases.layer(cell, 3, 4, 5, 19, pass));
      }
      cases.add(StepCase.recurrent(cell, 2, 3, 9));
    }
    cases.add(StepCase.mlp(2));
    cases.add(StepCase.cnn(2, 8));
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("small")
  void theCpuComputesWhatTheOracleDoes(Case small) {
    try (Prepared prepared = small.prepare("cpu", 2);
        Prepared oracle = small.prepare("scalar", 1)) {
      float[] expected = oracle.checked();
      assertThat(count(expected)).isGreaterThanOrEqualTo(Math.min(expected.length, 3));
      Verification.check(small.name(), prepared.checked(), expected);
      prepared.run();
    }
  }

  private static long count(float[] values) {
    HashSet<Float> set = new HashSet<>();
    for (float value : values) {
      assertThat(value).isFinite();
      set.add(value);
    }
    return set.size();
  }

  @Test
  void aWrongResultIsRefused() {
    float[] expected = {1, 2, 3};
    assertThatCode(() -> Verification.check("gemm", new float[] {1, 2, 3.0001f}, expected))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> Verification.check("gemm", new float[] {1, 2, 3.01f}, expected))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("gemm: off by 0.00999", "largest value is 3.0", "not timed");
    assertThatThrownBy(() -> Verification.check("gemm", new float[] {1, 2, Float.NaN}, expected))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Verification.check("gemm", new float[] {1, 2}, expected))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("gemm: 2 numbers where 3 are expected");
  }

  @Test
  void workIsCountedByHand() {
    Work gemm = GemmCases.product("2x3x5").work();
    assertThat(gemm.flops()).isEqualTo(2 * 2 * 3 * 5);
    assertThat(gemm.bytesRead()).isEqualTo(4 * (2 * 5 + 5 * 3));
    assertThat(gemm.bytesWritten()).isEqualTo(4 * 2 * 3);
    assertThat(gemm.flopsPerByte()).isCloseTo(60 / 124.0, within(1e-12));

    Work add = ElementCases.binary("2x3", Binary.ADD, Broadcast.SAME).work();
    assertThat(add).isEqualTo(new Work(6, 48, 24));
    assertThat(ElementCases.binary("2x3", Binary.ADD, Broadcast.ROW).work())
        .isEqualTo(new Work(6, 36, 24));

    // 4 x 4 outputs of 2 filters of 3 x 3 over 1 channel.
    Work conv = Conv2dCases.convolution("1x1x4x2x3x1x1x1", "backwardFilter").work();
    assertThat(conv.flops()).isEqualTo(2 * 32 * 9);
    assertThat(conv.bytesRead()).isEqualTo(4 * (16 + 32 + 18));

    // Of an LSTM layer: 4 gates of H = 2 units, from I = 3 inputs and H states, over T N = 10.
    Work lstm = CellCases.layer(RecurrentCell.LSTM, 2, 5, 3, 2, CellCases.Pass.FORWARD).work();
    assertThat(lstm.flops()).isEqualTo(10 * 2 * 8 * 5 + 10 * 8 * (Work.SIGMOID + 4));
  }

  @Test
  void aStepsProductsAreCountedThreeTimesButForTheFirstInput() {
    // Products, biases and ReLU: forward, for weights, and for inputs but the first.
    double first = 2 * 784 * 512 + 512;
    double others = 2 * (512 * 256 + 256 * 10) + 256 + 10 + 512 + 256;
    assertThat(StepCase.mlp(3).work().flops()).isEqualTo(3 * (2 * first + 3 * others));
  }

  @Test
  void namesAreUniqueAndTheTourHasEverySuite() {
    for (Suite suite : Suite.values()) {
      List<String> names = Cases.of(suite).stream().map(Case::name).toList();
      assertThat(names).doesNotHaveDuplicates().isNotEmpty();
      assertThat(Cases.of(suite)).allMatch(each -> each.suite() == suite);
    }
    assertThat(Cases.tour().stream().map(Case::suite).distinct()).containsExactly(Suite.values());
    assertThat(Cases.of(Suite.STEPS)).hasSize(12).allMatch(Case::forTheOracle);
    assertThat(GemmCases.all().stream().map(Case::name))
        .doesNotHaveDuplicates()
        .contains("gemm 2048x2048x2048xAB", "gemm 128x512x784xB", "gemm 1024x256x3200xA");
    assertThat(MemoryCases.all().stream().map(Case::name)).doesNotHaveDuplicates().isNotEmpty();
    assertThat(StepCase.cnn(256, 28).forTheOracle()).isFalse();
    assertThat(StepCase.large())
        .noneMatch(Case::forTheOracle)
        .extracting(StepCase::name)
        .containsExactly("mlp-n4096-w4096", "deep-cnn-n1024-s32", "lstm-n512-t100-h1024");
    assertThat(
            Stream.concat(
                Cases.tour().stream(),
                Arrays.stream(Suite.values()).flatMap(s -> Cases.of(s).stream())))
        .allMatch(each -> each.work().bytes() > 0);
  }

  @Test
  void wrongSizesAreExplained() {
    assertThatThrownBy(() -> GemmCases.product("3x4"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sizes are '3x4' (give rows x columns x inner, joined by x)");
    assertThatThrownBy(() -> RowCases.softmax("3x-4")).hasMessageContaining("rows x classes");
    assertThatThrownBy(() -> StepCase.named("mlp"))
        .hasMessageContaining("there is no step 'mlp' (there are [mlp-n128, ");
  }
}
