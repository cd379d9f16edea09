package dev.tandem.benchmarks.peers;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.tandem.benchmarks.cases.Prepared;
import dev.tandem.benchmarks.cases.StepCase;
import dev.tandem.benchmarks.cases.TandemStep;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.layers.ActivationLayer;
import dev.tandem.models.layers.Conv2dLayer;
import dev.tandem.models.layers.Flatten;
import dev.tandem.models.layers.Layer;
import dev.tandem.models.layers.ParameterTable;
import dev.tandem.models.layers.Pool2dLayer;
import dev.tandem.models.layers.RecurrentLayer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * The training step of a case in libtorch through DJL, with the batch and the first weights of our
 * side: forward, softmax cross-entropy, backward, Adam. Sequences are time first on both sides.
 */
final class LibtorchStep implements Prepared {
  /** So many runs show which setting is faster. */
  private static final int TRIALS = 5;

  private final Model model;
  private final Trainer trainer;
  private final NDManager manager;
  private final NDArray input;
  private final NDArray labels;
  private final boolean recurs;
  private final OneDnn setting;
  private boolean oneDnn = true;
  private float loss;

  /** Makes the same network with the same numbers. */
  LibtorchStep(StepCase of, TandemStep ours, OneDnn setting) {
    this.setting = setting;
    Network network = of.network();
    recurs = network.layers().stream().anyMatch(RecurrentLayer.class::isInstance);
    model = Model.newInstance(of.name(), Device.cpu(), "PyTorch");
    model.setBlock(block(network));
    Tracker rate = Tracker.fixed((float) TandemStep.LEARNING_RATE);
    trainer =
        model.newTrainer(
            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optOptimizer(Optimizer.adam().optLearningRateTracker(rate).build())
                .optDevices(new Device[] {Device.cpu()}));
    Shape shape = shape(network.inputBatch(of.batch(), network.steps()).toArray());
    trainer.initialize(shape);
    manager = trainer.getManager();
    input = manager.create(ours.input(), shape);
    labels = manager.create(ours.labels());
    copy(ours.parameters());
  }

  private static Shape shape(int[] extents) {
    return new Shape(Arrays.stream(extents).asLongStream().toArray());
  }

  private static Block block(Network network) {
    SequentialBlock block = new SequentialBlock();
    for (Layer layer : network.layers()) {
      if (layer instanceof RecurrentLayer recurrent) {
        block.add(block(recurrent.recurrence()));
        block.add(outputs -> new NDList(outputs.head().get(new NDIndex(-1))));
      } else {
        block.add(block(layer));
      }
    }
    return block;
  }

  private static Block block(RecurrentLayer.Settings settings) {
    int hidden = settings.hiddenSize();
    return switch (settings.cell()) {
      case LSTM -> LSTM.builder().setNumLayers(1).setStateSize(hidden).optBatchFirst(false).build();
      case GRU -> GRU.builder().setNumLayers(1).setStateSize(hidden).optBatchFirst(false).build();
      case RNN_TANH ->
          RNN.builder()
              .setNumLayers(1)
              .setStateSize(hidden)
              .optBatchFirst(false)
              .setActivation(RNN.Activation.TANH)
              .build();
      case RNN_RELU -> throw new IllegalArgumentException("no case has RNN_RELU");
    };
  }

  private static Block block(Layer layer) {
    if (layer instanceof ActivationLayer) {
      return Activation.reluBlock();
    }
    if (layer instanceof Flatten) {
      return Blocks.batchFlattenBlock();
    }
    if (layer instanceof Pool2dLayer) {
      return Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2));
    }
    if (layer instanceof Conv2dLayer convolution) {
      return Conv2d.builder()
          .setFilters((int) convolution.settings().get("filters"))
          .setKernelShape(new Shape(3, 3))
          .optPadding(new Shape(1, 1))
          .build();
    }
    return Linear.builder().setUnits((int) layer.settings().get("units")).build();
  }

  /** Both sides have the same parameters in the same order. */
  private void copy(Parameters ours) {
    List<Parameter> theirs = model.getBlock().getParameters().values();
    if (theirs.size() != ours.table().all().size()) {
      throw new IllegalStateException(
          "%d parameters here, %d there".formatted(ours.table().all().size(), theirs.size()));
    }
    Iterator<Parameter> next = theirs.iterator();
    for (ParameterTable.Parameter our : ours.table().all()) {
      NDArray array = next.next().getArray();
      if (!array.getShape().equals(shape(our.shape().toArray()))) {
        throw new IllegalStateException(
            "'%s' is %s here, %s there"
                .formatted(our.name(), our.shape(), array.getShape().toString()));
      }
      double[] values = ours.download(our.name());
      float[] floats = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        floats[i] = (float) values[i];
      }
      array.set(floats);
    }
  }

  @Override
  public float[] checked() {
    float[] losses = new float[TandemStep.CHECKED_STEPS];
    for (int i = 0; i < losses.length; i++) {
      run();
      losses[i] = loss;
    }
    if (recurs) {
      long with = fastest();
      oneDnn = false;
      oneDnn = with <= fastest();
    }
    return losses;
  }

  /** Returns the least nanoseconds of a run with the present setting. */
  private long fastest() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < TRIALS; i++) {
      long start = System.nanoTime();
      run();
      least = Math.min(least, System.nanoTime() - start);
    }
    return least;
  }

  @Override
  public void run() {
    setting.use(oneDnn);
    try (NDManager step = manager.newSubManager()) {
      // What is computed belongs to the step, and goes with it.
      input.attach(step);
      labels.attach(step);
      try (GradientCollector collector = trainer.newGradientCollector()) {
        NDList output = trainer.forward(new NDList(input));
        NDArray mean = trainer.getLoss().evaluate(new NDList(labels), output);
        collector.backward(mean);
        loss = mean.getFloat();
      }
      trainer.step();
      input.attach(manager);
      labels.attach(manager);
    }
  }

  @Override
  public void close() {
    trainer.close();
    model.close();
  }
}
