package dev.tandem.models.runs;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.detection.BoundingBox;
import dev.tandem.datasets.detection.GridEncoding;
import dev.tandem.datasets.detection.Letterbox;
import dev.tandem.datasets.detection.NewPictures;
import dev.tandem.datasets.detection.ScoredBox;
import dev.tandem.models.metrics.NonMaximumSuppression;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Writes the boxes that a detector found in new pictures. */
public final class BoxTable {
  /** A thing is then likelier than none; whoever wants fewer boxes sorts by the score. */
  public static final double LEAST_SCORE = 0.5;

  private BoxTable() {}

  /**
   * Writes a table with the columns {@code picture, label, score, left, top, width, height}, in
   * pixels of the pictures as they are in their files; replaces the file as a whole. The boxes of a
   * picture begin with the highest score.
   *
   * @param outputs of the detector, float32 {@code [N,A*(5+K),S,S]}
   * @return the number of boxes
   */
  public static int write(
      Path file,
      NewPictures pictures,
      HostArray outputs,
      GridEncoding grid,
      List<String> classNames) {
    StringWriter text = new StringWriter();
    int count = 0;
    try (CsvWriter csv = CsvWriter.builder().build(text)) {
      csv.writeRecord("picture", "label", "score", "left", "top", "width", "height");
      for (int i = 0; i < pictures.files().names().size(); i++) {
        Letterbox placement = pictures.placements().get(i);
        for (ScoredBox found :
            NonMaximumSuppression.keepBest(
                grid.decode(outputs.floats(), i * grid.length(), LEAST_SCORE))) {
          BoundingBox box = inside(placement, placement.toPicture(found.box()));
          if (box.area() == 0) {
            continue;
          }
          csv.writeRecord(
              pictures.files().names().get(i),
              classNames.get(box.classId()),
              String.format(Locale.ROOT, "%.4f", found.score()),
              pixels(box.left()),
              pixels(box.top()),
              pixels(box.width()),
              pixels(box.height()));
          count++;
        }
      }
    } catch (IOException cause) {
      throw RunDirectory.unwritable(file, cause);
    }
    Predictions.replace(file, text.toString());
    return count;
  }

  /** What of a box is on the picture and not on the bars beside it. */
  private static BoundingBox inside(Letterbox placement, BoundingBox box) {
    double left = Math.clamp(box.left(), 0, placement.width());
    double top = Math.clamp(box.top(), 0, placement.height());
    double right = Math.clamp(box.right(), 0, placement.width());
    double bottom = Math.clamp(box.bottom(), 0, placement.height());
    return new BoundingBox(box.classId(), left, top, right - left, bottom - top);
  }

  private static String pixels(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
