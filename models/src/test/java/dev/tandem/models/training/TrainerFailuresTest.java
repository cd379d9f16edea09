package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.engine.Backend;
import dev.tandem.engine.Shape;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrainerFailuresTest {
  private static Backend backend;

  @BeforeAll
  static void open() {
    backend = TrainingFixtures.cpu(1);
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private static void fit(Network network, Dataset dataset, TrainingOptions options) {
    try (Trainer trainer = new Trainer(network, dataset, backend, options)) {
      trainer.fit(TrainingListener.NONE);
    }
  }

  private static OptimizerSettings sgd(double learningRate) {
    return new OptimizerSettings(OptimizerSettings.Kind.SGD, learningRate, 0, false, 0);
  }

  @Test
  void aHugeLearningRateStopsWithStepLayerAndRemedy() {
    Dataset dataset =
        TrainingFixtures.arrays(TrainingFixtures.random(1, 8, 4), TrainingFixtures.ids(8, 2));
    Network network = Network.builder("n", Shape.of(4)).linear(3).relu().linear(2).build();

    assertThatThrownBy(
            () -> fit(network, dataset, TrainingOptions.of(Loss.CCE).withOptimizer(sgd(1e30))))
        .isInstanceOf(ModelException.class)
        .hasMessageMatching(
            "training stopped at step 2: the loss is (NaN|-?Infinity), seen first in the output of layer 'fc2' "
                + "\\(try a smaller --lr than 1\\.0E30, --clip-norm 1, or look for outliers in the data\\)");
  }

  @Test
  void infinityInTheInputIsNamed() {
    float[] values = TrainingFixtures.random(1, 8, 4).floats();
    values[5] = Float.POSITIVE_INFINITY;
    Dataset finite =
        TrainingFixtures.arrays(TrainingFixtures.random(1, 8, 4), TrainingFixtures.ids(8, 2));
    Dataset dataset =
        withTraining(finite, new Examples(HostArray.of(values, 8, 4), finite.train().targets()));
    Network network = Network.builder("n", Shape.of(4)).linear(2).build();

    assertThatThrownBy(() -> fit(network, dataset, TrainingOptions.of(Loss.CCE)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("training stopped at step 1: ")
        .hasMessageContaining("seen first in the input (");
  }

  @Test
  void anInfiniteGradientStopsUnderClippingByValueToo() {
    // The error 2e38 has a finite loss under huber's linear part, and times x an infinite gradient.
    Dataset dataset =
        TrainingFixtures.arrays(
            HostArray.of(new float[] {3e38f, 3e38f}, 2, 1),
            HostArray.of(new float[] {-1, -1}, 2, 1));
    Network network = Network.builder("n", Shape.of(1)).linear(1).build();
    TrainingOptions plain = TrainingOptions.of(Loss.HUBER).withOptimizer(sgd(1e-3));

    assertThatThrownBy(() -> fit(network, dataset, clipped(plain, 1)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("training stopped at step 1: ");
  }

  private static TrainingOptions clipped(TrainingOptions options, double clipValue) {
    return new TrainingOptions(
        options.epochs(),
        options.batchSize(),
        options.loss(),
        options.optimizer(),
        options.schedule(),
        options.warmup(),
        options.clipNorm(),
        clipValue,
        options.seed(),
        options.shuffle(),
        options.maxSteps(),
        options.patience(),
        options.initialization(),
        options.augmentation(),
        options.stateful());
  }

  @Test
  void weightsThatTheLastStepSpoiltAreNotTakenForAResult() {
    Dataset dataset =
        TrainingFixtures.arrays(TrainingFixtures.random(1, 8, 4), TrainingFixtures.ids(8, 2));
    Network network = Network.builder("n", Shape.of(4)).linear(3).relu().linear(2).build();
    TrainingOptions options = TrainingOptions.of(Loss.CCE).withEpochs(1).withOptimizer(sgd(1e30));

    assertThatThrownBy(() -> fit(network, dataset, options))
        .isInstanceOf(ModelException.class)
        .hasMessageMatching(
            "training stopped after step 1: the loss on the training part is (NaN|-?Infinity) "
                + "\\(try a smaller --lr than 1\\.0E30, --clip-norm 1, or look for outliers in the data\\)");
  }

  @Test
  void aLastBatchOfOneIsRefusedBeforeTrainingWithBatchNormalisation() {
    Dataset dataset =
        TrainingFixtures.arrays(TrainingFixtures.random(1, 33, 4), TrainingFixtures.ids(33, 2));
    Network network = Network.builder("n", Shape.of(4)).linear(3).batchNorm1d().linear(2).build();

    assertThatThrownBy(
            () -> new Trainer(network, dataset, backend, TrainingOptions.of(Loss.CCE)).close())
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "layer 'bn1' (batchnorm1d): a training batch of 1 example gives it one value for each channel, which has no"
                + " variance (choose a --batch-size that does not leave a last batch of 1)");
  }

  @Test
  void aTokenOutsideTheVocabularyIsNamedWithItsExample() {
    int[] ids = new int[12];
    ids[10] = 7;
    Dataset dataset = TrainingFixtures.arrays(HostArray.of(ids, 4, 3), TrainingFixtures.ids(4, 2));
    Network network =
        Network.tokenBuilder("n", Shape.of(3)).embedding(7, 2).flatten().linear(2).build();

    assertThatThrownBy(
            () -> new Trainer(network, dataset, backend, TrainingOptions.of(Loss.CCE)).close())
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "example 3 of the training part of data set 'arrays' holds token id 7, but the vocabulary of layer 'emb1' is 7"
                + " (ids are 0 to 6)");
  }

  @Test
  void binaryCrossEntropyTakesTargetsFromZeroToOne() {
    Dataset dataset =
        TrainingFixtures.arrays(
            TrainingFixtures.random(1, 2, 4), HostArray.of(new float[] {0.5f, 1.5f}, 2, 1));
    Network network = Network.builder("n", Shape.of(4)).linear(1).build();

    assertThatThrownBy(
            () -> new Trainer(network, dataset, backend, TrainingOptions.of(Loss.BCE)).close())
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "the loss bce takes targets from 0 to 1, but there is 1.5 (use --loss mse, mae or huber)");
  }

  private static Dataset withTraining(Dataset dataset, Examples training) {
    return new Dataset(
        dataset.name(),
        dataset.task(),
        dataset.classNames(),
        dataset.inputNames(),
        dataset.targetNames(),
        training,
        dataset.validation(),
        dataset.test(),
        dataset.provenance(),
        dataset.preprocessing(),
        dataset.notes());
  }
}
