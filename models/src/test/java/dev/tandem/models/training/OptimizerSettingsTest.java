package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.datasets.Augmentation;
import dev.tandem.models.ModelException;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.training.OptimizerSettings.Kind;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Numbers that make no sense are refused with option, value and remedy. */
class OptimizerSettingsTest {
  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(ModelException.class).hasMessage(message);
  }

  @Test
  void defaultsArePyTorchs() {
    assertThat(Kind.SGD.defaults()).isEqualTo(new OptimizerSettings(Kind.SGD, 1e-3, 0, false, 0));
    assertThat(Kind.RMSPROP.defaults())
        .isEqualTo(new OptimizerSettings(Kind.RMSPROP, 1e-2, 0, false, 0));
    assertThat(Kind.ADAGRAD.defaults())
        .isEqualTo(new OptimizerSettings(Kind.ADAGRAD, 1e-2, 0, false, 0));
    assertThat(Kind.ADAM.defaults()).isEqualTo(new OptimizerSettings(Kind.ADAM, 1e-3, 0, false, 0));
    assertThat(Kind.ADAMW.defaults())
        .isEqualTo(new OptimizerSettings(Kind.ADAMW, 1e-3, 0, false, 0.01));
  }

  @Test
  void learningRateMomentumAndDecayHaveTheirRanges() {
    refused(
        () -> new OptimizerSettings(Kind.SGD, 0, 0, false, 0),
        "--lr is 0.0 (give a number above 0)");
    refused(
        () -> new OptimizerSettings(Kind.SGD, Double.NaN, 0, false, 0),
        "--lr is NaN (give a number above 0)");
    refused(
        () -> new OptimizerSettings(Kind.SGD, 0.1, 1, false, 0),
        "--momentum is 1.0 (give a number from 0 to below 1)");
    refused(
        () -> new OptimizerSettings(Kind.SGD, 0.1, 0, false, -0.5),
        "--weight-decay is -0.5 (give a number 0 or more)");
  }

  @Test
  void momentumAndNesterovNeedTheRightOptimizer() {
    refused(
        () -> new OptimizerSettings(Kind.ADAM, 0.1, 0.9, false, 0),
        "--momentum is for sgd and rmsprop, not for adam (leave it out)");
    String nesterov =
        "--nesterov needs sgd with --momentum above 0 (for example --optimizer sgd --momentum 0.9)";
    refused(() -> new OptimizerSettings(Kind.SGD, 0.1, 0, true, 0), nesterov);
    refused(() -> new OptimizerSettings(Kind.RMSPROP, 0.1, 0.9, true, 0), nesterov);
  }

  @Test
  void trainingOptionsHaveTheirRanges() {
    refused(() -> options(0, 32, 0, 1, 1, 1, 0), "--epochs is 0 (give 1 or more)");
    refused(() -> options(1, 0, 0, 1, 1, 1, 0), "--batch-size is 0 (give 1 or more)");
    refused(() -> options(1, 1, -1, 1, 1, 1, 0), "--warmup is -1 (give 0 or more steps)");
    refused(() -> options(1, 1, 0, 0, 1, 1, 0), "--clip-norm is 0.0 (give a number above 0)");
    refused(
        () -> options(1, 1, 0, 1, Double.NaN, 1, 0), "--clip-value is NaN (give a number above 0)");
    refused(() -> options(1, 1, 0, 1, 1, 0, 0), "--max-steps is 0 (give 1 or more)");
    refused(() -> options(1, 1, 0, 1, 1, 1, -1), "--patience is -1 (give 1 or more epochs)");
  }

  private static TrainingOptions options(
      int epochs,
      int batchSize,
      int warmup,
      double clipNorm,
      double clipValue,
      long maxSteps,
      int patience) {
    return new TrainingOptions(
        epochs,
        batchSize,
        Loss.CCE,
        Kind.ADAM.defaults(),
        Schedule.CONSTANT,
        warmup,
        clipNorm,
        clipValue,
        1,
        true,
        maxSteps,
        patience,
        Initializer.Scheme.DEFAULT,
        Augmentation.NONE,
        false);
  }
}
