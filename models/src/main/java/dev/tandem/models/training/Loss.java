package dev.tandem.models.training;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.TaggingDataset;
import dev.tandem.datasets.Task;
import dev.tandem.datasets.detection.GridEncoding;
import dev.tandem.engine.Backend;
import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Losses;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.Program;
import dev.tandem.models.layers.Binding;
import java.util.Arrays;
import java.util.Locale;

/**
 * What a network is trained to make small; each is the mean over all its elements, see {@link
 * Losses}.
 */
public enum Loss {
  /** Categorical cross-entropy of logits {@code [...,K]} and class ids. */
  CCE(null),
  /** Binary cross-entropy of logits and targets from 0 to 1. */
  BCE(Losses.Pointwise.SIGMOID_BCE),
  /** Mean squared error. */
  MSE(Losses.Pointwise.MSE),
  /** Mean absolute error. */
  MAE(Losses.Pointwise.MAE),
  /** Huber's loss with threshold 1. */
  HUBER(Losses.Pointwise.HUBER),
  /**
   * Of detectors: binary cross-entropy with a weight for each element, see {@link GridEncoding}.
   */
  GRID(Losses.Pointwise.SIGMOID_BCE);

  private static final double HUBER_DELTA = 1;

  /** Steps without a class, and behind the end of a sequence, count for nothing. */
  private static final CrossEntropySpec CROSS_ENTROPY =
      new CrossEntropySpec(TaggingDataset.NO_TAG, 0);

  private final Losses.Pointwise function;

  Loss(Losses.Pointwise function) {
    this.function = function;
  }

  /** Returns the usual loss of a task. */
  public static Loss of(Task task) {
    return switch (task) {
      case CLASSIFICATION, TAGGING, LANGUAGE -> CCE;
      case REGRESSION, FORECAST -> MSE;
      case DETECTION -> GRID;
    };
  }

  /** Returns the type of the targets on the device. */
  DataType targetType(DataType floatType) {
    return this == CCE ? DataType.INT32 : floatType;
  }

  /** Returns the shape of the targets of a batch whose outputs have a shape. */
  Shape targetShape(Shape output) {
    return this == CCE ? Shape.of(output.rows()) : output;
  }

  /** Returns tensors for a batch of a program. */
  BatchTensors tensors(Binding binding, Program program) {
    Shape output = program.output().shape();
    DataType type = binding.floatType();
    return new BatchTensors(
        program.input(),
        program.lengths(),
        binding.tensor(MemoryKind.IO, "targets", targetType(type), targetShape(output)),
        this == GRID ? binding.tensor(MemoryKind.IO, "target weights", type, output) : null);
  }

  /** Computes the loss into {@code loss [2]} and, if wanted, the gradient of the output. */
  void compute(Backend backend, Tensor output, BatchTensors batch, Tensor loss, Tensor doutput) {
    Tensor targets = batch.targets();
    if (this == CCE) {
      backend.losses().softmaxCrossEntropy(CROSS_ENTROPY, output, targets, null, loss, doutput);
    } else {
      backend
          .losses()
          .pointwise(function, HUBER_DELTA, output, targets, batch.weights(), loss, doutput);
    }
  }

  /**
   * Brings targets into the form that this loss takes from a network.
   *
   * @param targets class ids {@code [N]} or {@code [N,T]}, numbers {@code [N,...]}, or boxes {@code
   *     [N,B,5]}
   * @param network what gives the outputs
   * @param classes the number of classes; of no meaning without
   * @return for {@link #CCE} class ids; for {@link #GRID} boxes; otherwise numbers of the output's
   *     shape, made from class ids as 0 and 1 for a single output, one-hot for several
   * @throws ModelException if they do not fit
   */
  public Targets targets(HostArray targets, Network network, int classes) {
    if (this == GRID) {
      return new Targets(targets, false, grid(network, classes));
    }
    return new Targets(values(targets, network), network.returnsSequence(), null);
  }

  /** Returns how boxes stand in the output of a detector. */
  public static GridEncoding grid(Network network, int classes) {
    Shape output = network.output();
    Shape input = network.input();
    int slot = GridEncoding.BOX_LENGTH + classes;
    if (output.rank() != 3
        || input.rank() != 3
        || input.dimension(1) != input.dimension(2)
        || output.dimension(1) != output.dimension(2)
        || output.dimension(0) % slot != 0) {
      throw new ModelException(
          "network '%s' turns %s into %s, but a detector of %d classes turns square pictures [C,H,H] into [A*%d,S,S] (use --model detector, or change the last convolution's filters)"
              .formatted(network.name(), input, output, classes, slot));
    }
    return new GridEncoding(
        input.dimension(1), output.dimension(1), output.dimension(0) / slot, classes);
  }

  private HostArray values(HostArray targets, Network network) {
    Shape output = network.output();
    if (this == CCE) {
      return classIds(targets, network);
    }
    long outputs = output.elements();
    if (!targets.isFloat()) {
      return indicators(targets, (int) outputs);
    }
    if (targets.exampleLength() != outputs) {
      throw new ModelException(
          "the network gives %s for each example, but the targets have %d numbers (change the last layer's units to %d)"
              .formatted(output, targets.exampleLength(), targets.exampleLength()));
    }
    if (targets.isRagged()) {
      throw new ModelException(
          "the loss %s takes as many numbers for each example, but their lengths differ (use --loss cce with class ids)"
              .formatted(name().toLowerCase(Locale.ROOT)));
    }
    if (this == BCE) {
      requireProbabilities(targets);
    }
    return targets;
  }

  private HostArray classIds(HostArray targets, Network network) {
    Shape output = network.output();
    if (targets.isFloat()) {
      throw new ModelException(
          "the loss cce takes class ids, but the targets are float32 (use --loss mse, mae, huber or bce)");
    }
    // Sequences are of any length: so are their targets.
    boolean fits =
        network.returnsSequence()
            ? targets.shape().length == 2
            : targets.exampleLength() == output.rows();
    if (!fits) {
      throw new ModelException(
          "the network gives %s for each example, which is %d rows of logits, but there are %d class ids (end the network with one row of logits for each id)"
              .formatted(output, output.rows(), targets.exampleLength()));
    }
    requireIdsBelow(targets, output.columns());
    return targets;
  }

  private HostArray indicators(HostArray targets, int outputs) {
    if (targets.exampleLength() != 1) {
      throw new ModelException(
          "the loss %s takes one class id for each example, but there are %d (use --loss cce)"
              .formatted(name().toLowerCase(Locale.ROOT), targets.exampleLength()));
    }
    requireIdsBelow(targets, Math.max(2, outputs));
    int[] ids = targets.ints();
    float[] values = new float[Math.multiplyExact(ids.length, outputs)];
    for (int i = 0; i < ids.length; i++) {
      if (outputs == 1) {
        values[i] = ids[i];
      } else {
        values[i * outputs + ids[i]] = 1;
      }
    }
    return HostArray.of(values, ids.length, outputs);
  }

  private static void requireProbabilities(HostArray targets) {
    for (float target : targets.floats()) {
      if (!(target >= 0 && target <= 1)) {
        throw new ModelException(
            "the loss bce takes targets from 0 to 1, but there is %s (use --loss mse, mae or huber)"
                .formatted(target));
      }
    }
  }

  private static void requireIdsBelow(HostArray targets, int classes) {
    int largest = Arrays.stream(targets.ints()).max().orElse(0);
    if (largest >= classes) {
      throw new ModelException(
          "the network tells %d classes apart, but the targets hold class id %d (change the last layer's units to %d)"
              .formatted(classes, largest, largest + 1));
    }
  }
}
