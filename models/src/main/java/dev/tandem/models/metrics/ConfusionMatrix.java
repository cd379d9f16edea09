package dev.tandem.models.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Counts of actual against predicted classes, and the classification metrics that follow from them.
 *
 * <p>The definitions are scikit-learn's. A score whose denominator is zero (precision of a class
 * that was never predicted, recall of a class without examples) is 0, and {@link #notes()} says for
 * which classes that happened. Averages run over the classes that occur in the actual or in the
 * predicted labels; the others are named in the notes as well.
 */
public final class ConfusionMatrix {
  private final List<String> classNames;
  private final long[][] counts;

  /**
   * Starts with zero counts.
   *
   * @param classNames one name per class, at least one; a class is known by its index here
   */
  public ConfusionMatrix(List<String> classNames) {
    if (classNames.isEmpty()) {
      throw new IllegalArgumentException("a confusion matrix needs at least one class");
    }
    this.classNames = List.copyOf(classNames);
    this.counts = new long[classNames.size()][classNames.size()];
  }

  /**
   * Counts one example.
   *
   * @param actual index of its true class
   * @param predicted index of the class that the model chose
   * @throws IllegalArgumentException if an index is not that of a class
   */
  public void add(int actual, int predicted) {
    requireClass("actual", actual);
    requireClass("predicted", predicted);
    counts[actual][predicted]++;
  }

  /** The names given at construction, in the order of the indices. */
  public List<String> classNames() {
    return classNames;
  }

  /** Number of classes. */
  public int size() {
    return counts.length;
  }

  /** How many examples of class {@code actual} were taken for class {@code predicted}. */
  public long count(int actual, int predicted) {
    requireClass("actual", actual);
    requireClass("predicted", predicted);
    return counts[actual][predicted];
  }

  /** How many examples are of class {@code actual}. */
  public long actualCount(int actual) {
    requireClass("actual", actual);
    return IntStream.range(0, size()).mapToLong(predicted -> counts[actual][predicted]).sum();
  }

  /** How many examples were taken for class {@code predicted}. */
  public long predictedCount(int predicted) {
    requireClass("predicted", predicted);
    return IntStream.range(0, size()).mapToLong(actual -> counts[actual][predicted]).sum();
  }

  /** All examples counted so far. */
  public long total() {
    return IntStream.range(0, size()).mapToLong(this::actualCount).sum();
  }

  /**
   * Share of examples on the diagonal.
   *
   * @throws IllegalStateException if nothing was counted
   */
  public double accuracy() {
    return (double) correct() / requireExamples();
  }

  /** Precision, recall and F1 of the class with this index; 0 where a denominator is 0. */
  public ClassScores scores(int index) {
    return scores(count(index, index), predictedCount(index), actualCount(index));
  }

  /**
   * Plain mean over the classes that occur: every class weighs the same.
   *
   * @throws IllegalStateException if nothing was counted
   */
  public ClassScores macro() {
    requireExamples();
    return average(scores -> 1);
  }

  /**
   * Mean over the classes, weighted by their number of actual examples.
   *
   * @throws IllegalStateException if nothing was counted
   */
  public ClassScores weighted() {
    requireExamples();
    return average(ClassScores::support);
  }

  /**
   * Scores of the counts summed over classes. With one label per example all three equal the
   * accuracy.
   *
   * @throws IllegalStateException if nothing was counted
   */
  public ClassScores micro() {
    long total = requireExamples();
    return scores(correct(), total, total);
  }

  /**
   * The run's metrics in this order: {@code accuracy}, and the macro averages {@code precision},
   * {@code recall}, {@code f1}. Empty if nothing was counted.
   */
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (total() > 0) {
      ClassScores macro = macro();
      metrics.put("accuracy", accuracy());
      metrics.put("precision", macro.precision());
      metrics.put("recall", macro.recall());
      metrics.put("f1", macro.f1());
    }
    return metrics;
  }

  /**
   * One line for every way in which the metrics are less than they seem; empty if there is none.
   */
  public List<String> notes() {
    if (total() == 0) {
      return List.of("no examples: there are no metrics");
    }
    List<String> notes = new ArrayList<>();
    ClassNotes.add(
        notes,
        classNames,
        "never predicted, precision counts as 0: ",
        index -> predictedCount(index) == 0 && actualCount(index) > 0);
    ClassNotes.add(
        notes,
        classNames,
        "predicted but without examples, recall counts as 0: ",
        index -> actualCount(index) == 0 && predictedCount(index) > 0);
    ClassNotes.add(
        notes,
        classNames,
        "neither present nor predicted, left out of averages: ",
        index -> !occurs(index));
    return notes;
  }

  private ClassScores average(ToDoubleFunction<ClassScores> weight) {
    double weights = 0;
    double precision = 0;
    double recall = 0;
    double f1 = 0;
    for (int index = 0; index < size(); index++) {
      if (occurs(index)) {
        ClassScores scores = scores(index);
        double share = weight.applyAsDouble(scores);
        weights += share;
        precision += share * scores.precision();
        recall += share * scores.recall();
        f1 += share * scores.f1();
      }
    }
    return new ClassScores(precision / weights, recall / weights, f1 / weights, total());
  }

  private static ClassScores scores(long correct, long predicted, long actual) {
    return new ClassScores(
        ratio(correct, predicted),
        ratio(correct, actual),
        ratio(2 * correct, predicted + actual),
        actual);
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  private boolean occurs(int index) {
    return actualCount(index) > 0 || predictedCount(index) > 0;
  }

  private long correct() {
    return IntStream.range(0, size()).mapToLong(index -> counts[index][index]).sum();
  }

  private long requireExamples() {
    long total = total();
    if (total == 0) {
      throw new IllegalStateException(
          "no examples were counted: add some before asking for scores");
    }
    return total;
  }

  private void requireClass(String role, int index) {
    if (index < 0 || index >= size()) {
      throw new IllegalArgumentException(
          role + " class " + index + " is not one of 0 to " + (size() - 1));
    }
  }
}
