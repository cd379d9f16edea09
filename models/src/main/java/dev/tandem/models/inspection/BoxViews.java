package dev.tandem.models.inspection;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.detection.BoundingBox;
import dev.tandem.datasets.detection.GridEncoding;
import dev.tandem.datasets.detection.ScoredBox;
import dev.tandem.models.metrics.NonMaximumSuppression;
import dev.tandem.models.pictures.Canvas;
import dev.tandem.models.pictures.ExamplePictures;
import java.util.ArrayList;
import java.util.List;

/** What a detector finds in a picture. */
public final class BoxViews {
  /** A detector in use answers with what it holds for likelier than not. */
  private static final double LEAST_SCORE = 0.5;

  /** Above this two boxes of a class are of one thing (Redmon et al. 2016). */
  private static final double SAME = 0.5;

  private BoxViews() {}

  /**
   * One picture with the boxes that were found and the true ones.
   *
   * @param picture {@code [1,C,H,W]}
   * @param logits of this picture alone
   * @param boxes its true boxes {@code [1,B,5]}, class -1 for none; null if they are not known
   * @param grid how boxes stand in the logits
   * @param classNames by class id
   */
  public static Canvas of(
      HostArray picture,
      float[] logits,
      HostArray boxes,
      GridEncoding grid,
      List<String> classNames) {
    int[] shape = picture.exampleShape();
    List<ScoredBox> found =
        NonMaximumSuppression.keepBest(grid.decode(logits, 0, LEAST_SCORE), SAME);
    return ExamplePictures.boxes(
        picture.floats(), shape[0], shape[1], shape[2], found, truth(boxes), classNames);
  }

  private static List<BoundingBox> truth(HostArray boxes) {
    List<BoundingBox> truth = new ArrayList<>();
    float[] rows = boxes == null ? new float[0] : boxes.floats();
    for (int at = 0; at < rows.length; at += GridEncoding.BOX_LENGTH) {
      if (rows[at] >= 0) {
        truth.add(
            new BoundingBox(
                (int) rows[at], rows[at + 1], rows[at + 2], rows[at + 3], rows[at + 4]));
      }
    }
    return truth;
  }
}
