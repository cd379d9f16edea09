package dev.tandem.models.training;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Task;
import dev.tandem.engine.Backend;
import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Losses;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.ModelException;
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
  HUBER(Losses.Pointwise.HUBER);

  private static final double HUBER_DELTA = 1;

  private final Losses.Pointwise function;

  Loss(Losses.Pointwise function) {
    this.function = function;
  }

  /** Returns the usual loss of a task. */
  public static Loss of(Task task) {
    return task == Task.CLASSIFICATION ? CCE : MSE;
  }

  /** Returns the type of the targets on the device. */
  DataType targetType(DataType floatType) {
    return this == CCE ? DataType.INT32 : floatType;
  }

  /** Returns the shape of the targets of a batch whose outputs have a shape. */
  Shape targetShape(Shape output) {
    return this == CCE ? Shape.of(output.rows()) : output;
  }

  /** Computes the loss into {@code loss [2]} and, if wanted, the gradient of the output. */
  void compute(Backend backend, Tensor output, Tensor targets, Tensor loss, Tensor doutput) {
    if (this == CCE) {
      backend
          .losses()
          .softmaxCrossEntropy(CrossEntropySpec.PLAIN, output, targets, null, loss, doutput);
    } else {
      backend.losses().pointwise(function, HUBER_DELTA, output, targets, null, loss, doutput);
    }
  }

  /**
   * Brings targets into the form that this loss takes from a network.
   *
   * @param targets class ids {@code [N]}, or numbers {@code [N,K]}
   * @param output the shape of the network's output for one example
   * @return class ids for {@link #CCE}; otherwise numbers of the output's shape, made from class
   *     ids as 0 and 1 for a single output, one-hot for several
   * @throws ModelException if they do not fit
   */
  public HostArray targets(HostArray targets, Shape output) {
    if (this == CCE) {
      return classIds(targets, output);
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
    if (this == BCE) {
      requireProbabilities(targets);
    }
    return targets;
  }

  private HostArray classIds(HostArray targets, Shape output) {
    if (targets.isFloat()) {
      throw new ModelException(
          "the loss cce takes class ids, but the targets are float32 (use --loss mse, mae, huber or bce)");
    }
    if (targets.exampleLength() != output.rows()) {
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
