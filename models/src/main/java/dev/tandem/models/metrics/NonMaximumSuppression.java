package dev.tandem.models.metrics;

import dev.tandem.datasets.detection.ScoredBox;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps the best of several boxes around one thing. A detector answers from many places, and
 * neighbours see the same thing.
 */
public final class NonMaximumSuppression {
  /** Above this two boxes of a class are usually of one thing (Redmon et al. 2016). */
  private static final double SAME = 0.5;

  private NonMaximumSuppression() {}

  /** As {@link #keepBest(List, double)}, with an overlap of 0.5. */
  public static List<ScoredBox> keepBest(List<ScoredBox> boxes) {
    return keepBest(boxes, SAME);
  }

  /**
   * Greedily, from the highest score down: a box is kept unless it overlaps a kept box of the same
   * class. Of equal scores the first in the list comes first.
   *
   * @param boxes of one picture, in any order
   * @param overlap the intersection over union above which two boxes are of one thing, 0 to 1
   * @return the kept boxes, the highest score first
   */
  public static List<ScoredBox> keepBest(List<ScoredBox> boxes, double overlap) {
    if (!(overlap >= 0 && overlap <= 1)) {
      throw new IllegalArgumentException(
          "the overlap is " + overlap + " (give a number from 0 to 1)");
    }
    List<ScoredBox> kept = new ArrayList<>();
    for (ScoredBox candidate : byScore(boxes)) {
      if (kept.stream().noneMatch(better -> ofOneThing(better, candidate, overlap))) {
        kept.add(candidate);
      }
    }
    return kept;
  }

  /** The highest score first; equal ones stay in their order. */
  static List<ScoredBox> byScore(List<ScoredBox> boxes) {
    return boxes.stream().sorted(Comparator.comparingDouble(ScoredBox::score).reversed()).toList();
  }

  private static boolean ofOneThing(ScoredBox a, ScoredBox b, double overlap) {
    return a.box().classId() == b.box().classId()
        && a.box().intersectionOverUnion(b.box()) > overlap;
  }
}
