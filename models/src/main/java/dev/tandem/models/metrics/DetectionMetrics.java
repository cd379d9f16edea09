package dev.tandem.models.metrics;

import dev.tandem.datasets.detection.BoundingBox;
import dev.tandem.datasets.detection.ScoredBox;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Average precision of boxes found in pictures, picture by picture.
 *
 * <p>The definitions are COCO's (Lin et al. 2014, "Microsoft COCO", and its evaluation program), so
 * that numbers compare with published ones:
 *
 * <ul>
 *   <li>In a picture the predicted boxes of a class, the highest score first, each take the true
 *       box of the class that they overlap most among those not yet taken, if the intersection over
 *       union is the threshold or more. A second box around one thing is therefore a false one.
 *   <li>All pictures' boxes of the class are then ranked by score, equal ones in the order in which
 *       they were added. After each, precision is the share of true ones so far, and recall the
 *       share of all true boxes that were found.
 *   <li>Average precision is the mean over the recalls 0, 0.01 ... 1 of the best precision at that
 *       recall or a higher one, 0 where the recall is not reached. The area under all points, which
 *       others use, differs by less than 0.01.
 *   <li>The mean is taken over the classes that have a true box; predictions of others count
 *       nowhere, and {@link #notes()} names them.
 * </ul>
 *
 * <p>COCO's limit of 100 boxes a picture is the caller's to set.
 */
public final class DetectionMetrics {
  /** Intersections over union in hundredths: 50, 55 ... 95. */
  private static final int THRESHOLDS = 10;

  private static final int RECALLS = 100;

  /**
   * A predicted box.
   *
   * @param matched bit i tells whether it took a true box at threshold i
   * @param overlap the intersection over union with the true box it took at 0.5, or 0
   */
  private record Ranked(double score, int matched, double overlap) {
    boolean isTrue(int threshold) {
      return (matched >> threshold & 1) == 1;
    }
  }

  private final List<String> classNames;
  private final List<List<Ranked>> predicted;
  private final long[] support;

  /**
   * Starts without pictures.
   *
   * @param classNames one name per class, at least one; a class is known by its index here
   */
  public DetectionMetrics(List<String> classNames) {
    if (classNames.isEmpty()) {
      throw new IllegalArgumentException("detection metrics need at least one class");
    }
    this.classNames = List.copyOf(classNames);
    predicted = classNames.stream().<List<Ranked>>map(name -> new ArrayList<>()).toList();
    support = new long[classNames.size()];
  }

  /** The names given at construction, in the order of the indices. */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * Adds a picture.
   *
   * @param found what the detector found, after suppression, in any order
   * @param truth what is there
   * @throws IllegalArgumentException if a box is of a class that is not there or a score is NaN;
   *     then nothing of the picture is counted
   */
  public void add(List<ScoredBox> found, List<BoundingBox> truth) {
    found.forEach(this::requireValid);
    truth.forEach(box -> requireClass("true", box));
    for (int c = 0; c < classNames.size(); c++) {
      int classId = c;
      List<BoundingBox> there = truth.stream().filter(box -> box.classId() == classId).toList();
      List<ScoredBox> ranked =
          NonMaximumSuppression.byScore(
              found.stream().filter(scored -> scored.box().classId() == classId).toList());
      support[c] += there.size();
      predicted.get(c).addAll(matched(ranked, there));
    }
  }

  private static List<Ranked> matched(List<ScoredBox> ranked, List<BoundingBox> truth) {
    int[] matched = new int[ranked.size()];
    double[] overlaps = new double[ranked.size()];
    for (int threshold = 0; threshold < THRESHOLDS; threshold++) {
      boolean[] taken = new boolean[truth.size()];
      for (int i = 0; i < matched.length; i++) {
        BoundingBox box = ranked.get(i).box();
        int best = -1;
        double most = (50 + 5 * threshold) / 100.0;
        for (int j = 0; j < taken.length; j++) {
          double overlap = box.intersectionOverUnion(truth.get(j));
          if (!taken[j] && (best < 0 ? overlap >= most : overlap > most)) {
            best = j;
            most = overlap;
          }
        }
        if (best >= 0) {
          taken[best] = true;
          matched[i] |= 1 << threshold;
          overlaps[i] = threshold == 0 ? most : overlaps[i];
        }
      }
    }
    return IntStream.range(0, matched.length)
        .mapToObj(i -> new Ranked(ranked.get(i).score(), matched[i], overlaps[i]))
        .toList();
  }

  /** The scores of a class; empty if no picture has a true box of it. */
  public Optional<DetectionScores> scores(int classId) {
    if (support[classId] == 0) {
      return Optional.empty();
    }
    List<Ranked> ranked =
        predicted.get(classId).stream()
            .sorted(Comparator.comparingDouble(Ranked::score).reversed())
            .toList();
    double strict =
        IntStream.range(0, THRESHOLDS)
            .mapToDouble(threshold -> averagePrecision(ranked, threshold, support[classId]))
            .average()
            .orElseThrow();
    long found = ranked.stream().filter(box -> box.isTrue(0)).count();
    return Optional.of(
        new DetectionScores(
            averagePrecision(ranked, 0, support[classId]),
            strict,
            (double) found / support[classId],
            ranked.size(),
            support[classId]));
  }

  private static double averagePrecision(List<Ranked> ranked, int threshold, long support) {
    int n = ranked.size();
    long[] found = new long[n];
    double[] precision = new double[n];
    long count = 0;
    for (int i = 0; i < n; i++) {
      count += ranked.get(i).isTrue(threshold) ? 1 : 0;
      found[i] = count;
      precision[i] = (double) count / (i + 1);
    }
    for (int i = n - 2; i >= 0; i--) {
      precision[i] = Math.max(precision[i], precision[i + 1]);
    }
    double sum = 0;
    int i = 0;
    for (int recall = 0; recall <= RECALLS; recall++) {
      // found / support < recall / 100, without rounding.
      while (i < n && found[i] * RECALLS < recall * support) {
        i++;
      }
      sum += i < n ? precision[i] : 0;
    }
    return sum / (RECALLS + 1);
  }

  /**
   * The mean over classes of {@link DetectionScores#averagePrecision}, mAP@0.5.
   *
   * @throws IllegalStateException if there is no true box
   */
  public double meanAveragePrecision() {
    return mean(DetectionScores::averagePrecision);
  }

  /**
   * The mean over classes of {@link DetectionScores#strictAveragePrecision}, mAP@0.5:0.95.
   *
   * @throws IllegalStateException if there is no true box
   */
  public double strictMeanAveragePrecision() {
    return mean(DetectionScores::strictAveragePrecision);
  }

  /**
   * The mean intersection over union of predicted boxes with the true boxes that they took at 0.5;
   * 0 if none took any.
   */
  public double meanOverlap() {
    return predicted.stream()
        .flatMap(List::stream)
        .filter(box -> box.isTrue(0))
        .mapToDouble(Ranked::overlap)
        .average()
        .orElse(0);
  }

  private double mean(ToDoubleFunction<DetectionScores> score) {
    return IntStream.range(0, classNames.size())
        .mapToObj(this::scores)
        .flatMap(Optional::stream)
        .mapToDouble(score)
        .average()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no true box was counted: add pictures before asking for a mean"));
  }

  /**
   * The run's metrics in this order: {@code map} at 0.5, {@code map_50_95}, and {@code iou}, the
   * mean overlap. Empty if there is no true box.
   */
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (IntStream.range(0, support.length).anyMatch(c -> support[c] > 0)) {
      metrics.put("map", meanAveragePrecision());
      metrics.put("map_50_95", strictMeanAveragePrecision());
      metrics.put("iou", meanOverlap());
    }
    return metrics;
  }

  /**
   * One line for every way in which the metrics are less than they seem; empty if there is none.
   */
  public List<String> notes() {
    if (metrics().isEmpty()) {
      return List.of("no true boxes: there are no metrics");
    }
    List<String> notes = new ArrayList<>();
    ClassNotes.add(
        notes,
        classNames,
        "never predicted, average precision is 0: ",
        c -> support[c] > 0 && predicted.get(c).isEmpty());
    ClassNotes.add(
        notes,
        classNames,
        "predicted but without true boxes, left out of means: ",
        c -> support[c] == 0 && !predicted.get(c).isEmpty());
    ClassNotes.add(
        notes,
        classNames,
        "neither present nor predicted, left out of means: ",
        c -> support[c] == 0 && predicted.get(c).isEmpty());
    return notes;
  }

  private void requireValid(ScoredBox scored) {
    requireClass("predicted", scored.box());
    if (Double.isNaN(scored.score())) {
      throw new IllegalArgumentException("the score of " + scored.box() + " is not a number");
    }
  }

  private void requireClass(String role, BoundingBox box) {
    if (box.classId() >= classNames.size()) {
      throw new IllegalArgumentException(
          role + " class " + box.classId() + " is not one of 0 to " + (classNames.size() - 1));
    }
  }
}
