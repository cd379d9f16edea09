package dev.tandem.models.training;

import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.detection.BoundingBox;
import dev.tandem.datasets.detection.GridEncoding;
import dev.tandem.models.metrics.ConfusionMatrix;
import dev.tandem.models.metrics.DetectionMetrics;
import dev.tandem.models.metrics.NonMaximumSuppression;
import dev.tandem.models.metrics.RegressionMetrics;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Compares outputs with targets, batch by batch, in the way of one task. */
abstract class Measure {
  /** Returns whether it wants the largest output of each row rather than all outputs. */
  boolean takesClasses() {
    return false;
  }

  /** Takes all outputs of a batch, {@code [N, output...]}. */
  void add(int[] order, Batches.Batch batch, float[] outputs) {
    throw new IllegalStateException("it takes classes");
  }

  /** Takes the largest output of each row of a batch, in the order of the network's output. */
  void add(int[] order, Batches.Batch batch, int[] classes) {
    throw new IllegalStateException("it takes outputs");
  }

  /** Returns what all batches came to. */
  abstract Evaluation result(int examples, double loss);

  /** One class for each example. */
  static final class OfClasses extends Measure {
    private final int[] actual;
    private final ConfusionMatrix matrix;
    private final Function<float[], int[]> classes;

    /**
     * Makes a measure.
     *
     * @param targets class ids {@code [N]}
     * @param classes which class each row of outputs names
     */
    OfClasses(HostArray targets, List<String> classNames, Function<float[], int[]> classes) {
      actual = targets.ints();
      matrix = new ConfusionMatrix(classNames);
      this.classes = classes;
    }

    @Override
    void add(int[] order, Batches.Batch batch, float[] outputs) {
      int[] predicted = classes.apply(outputs);
      for (int i = 0; i < batch.count(); i++) {
        matrix.add(actual[order[batch.from() + i]], predicted[i]);
      }
    }

    @Override
    Evaluation result(int examples, double loss) {
      return Evaluation.of(examples, loss, matrix);
    }
  }

  /** One class for each step of a sequence. */
  static final class OfSteps extends Measure {
    private final HostArray targets;
    private final boolean timeFirst;
    private final ConfusionMatrix matrix;
    private int[] actual = new int[0];
    private long right;
    private long counted;

    /**
     * Makes a measure.
     *
     * @param targets class ids {@code [N,T]}, negative where nothing counts
     * @param timeFirst whether the network gives {@code [T,N,K]} rather than {@code [N,T,K]}
     * @param classNames null for tokens, which are too many for a matrix
     */
    OfSteps(HostArray targets, boolean timeFirst, List<String> classNames) {
      this.targets = targets;
      this.timeFirst = timeFirst;
      matrix = classNames == null ? null : new ConfusionMatrix(classNames);
    }

    @Override
    boolean takesClasses() {
      return true;
    }

    @Override
    void add(int[] order, Batches.Batch batch, int[] classes) {
      if (actual.length < classes.length) {
        actual = new int[classes.length];
      }
      IntBuffer into = IntBuffer.wrap(actual);
      if (timeFirst) {
        targets.gatherSteps(order, batch.from(), batch.count(), batch.steps(), into);
      } else {
        targets.gather(order, batch.from(), batch.count(), into);
      }
      for (int i = 0; i < classes.length; i++) {
        if (actual[i] >= 0) {
          counted++;
          right += actual[i] == classes[i] ? 1 : 0;
          if (matrix != null) {
            matrix.add(actual[i], classes[i]);
          }
        }
      }
    }

    @Override
    Evaluation result(int examples, double loss) {
      if (matrix != null) {
        return Evaluation.of(examples, loss, matrix);
      }
      Map<String, Double> scores = new LinkedHashMap<>();
      scores.put("accuracy", (double) right / counted);
      scores.put("perplexity", Math.exp(loss));
      return Evaluation.of(examples, loss, scores, List.of());
    }
  }

  /** Every output is a yes or no of its own: all of them go into one matrix of two classes. */
  static final class OfLabels extends Measure {
    private static final double HALF = 0.5;
    private final HostArray targets;
    private final ConfusionMatrix matrix = new ConfusionMatrix(List.of("no", "yes"));

    OfLabels(HostArray targets) {
      this.targets = targets;
    }

    @Override
    void add(int[] order, Batches.Batch batch, float[] logits) {
      float[] actual = rows(targets, order, batch);
      for (int i = 0; i < actual.length; i++) {
        matrix.add(actual[i] >= HALF ? 1 : 0, logits[i] > 0 ? 1 : 0);
      }
    }

    @Override
    Evaluation result(int examples, double loss) {
      return Evaluation.of(examples, loss, matrix);
    }
  }

  /** Numbers, in the units of the data. */
  static final class OfNumbers extends Measure {
    private final HostArray targets;
    private final HostArray origins;
    private final Preprocessing.Target target;
    private final RegressionMetrics metrics;

    OfNumbers(Examples part, Preprocessing.Target target) {
      targets = part.targets();
      origins = part.origins();
      this.target = target;
      metrics = new RegressionMetrics(targets.exampleLength());
    }

    @Override
    void add(int[] order, Batches.Batch batch, float[] outputs) {
      metrics.add(
          unscaled(rows(targets, order, batch)),
          unscaled(outputs),
          origins == null ? null : rows(origins, order, batch));
    }

    private float[] unscaled(float[] values) {
      int columns = targets.exampleLength();
      return target.unscale(HostArray.of(values, values.length / columns, columns)).floats();
    }

    @Override
    Evaluation result(int examples, double loss) {
      return Evaluation.of(examples, loss, metrics.metrics(), metrics.notes());
    }
  }

  /** Boxes around things in pictures. */
  static final class OfBoxes extends Measure {
    /** Below this the precision of what is found says nothing about a detector in use. */
    private static final double LEAST_SCORE = 0.02;

    private final HostArray targets;
    private final GridEncoding grid;
    private final DetectionMetrics metrics;

    OfBoxes(HostArray targets, GridEncoding grid, List<String> classNames) {
      this.targets = targets;
      this.grid = grid;
      metrics = new DetectionMetrics(classNames);
    }

    @Override
    void add(int[] order, Batches.Batch batch, float[] outputs) {
      float[] boxes = rows(targets, order, batch);
      int length = targets.exampleLength();
      for (int i = 0; i < batch.count(); i++) {
        metrics.add(
            NonMaximumSuppression.keepBest(grid.decode(outputs, i * grid.length(), LEAST_SCORE)),
            truth(boxes, i * length, length));
      }
    }

    private static List<BoundingBox> truth(float[] boxes, int from, int length) {
      List<BoundingBox> truth = new ArrayList<>();
      for (int at = from; at < from + length; at += GridEncoding.BOX_LENGTH) {
        if (boxes[at] >= 0) {
          truth.add(
              new BoundingBox(
                  (int) boxes[at], boxes[at + 1], boxes[at + 2], boxes[at + 3], boxes[at + 4]));
        }
      }
      return truth;
    }

    @Override
    Evaluation result(int examples, double loss) {
      return new Evaluation(examples, loss, metrics.metrics(), null, metrics, metrics.notes());
    }
  }

  private static float[] rows(HostArray targets, int[] order, Batches.Batch batch) {
    int[] rows = Arrays.copyOfRange(order, batch.from(), batch.from() + batch.count());
    return targets.select(rows).floats();
  }
}
