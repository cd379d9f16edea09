package dev.tandem.datasets.detection;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.PictureEncoding;
import dev.tandem.datasets.PictureFiles;
import dev.tandem.datasets.PictureFormat;
import dev.tandem.datasets.Preprocessing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pictures whose boxes nobody knows, as a trained detector takes them.
 *
 * @param files that they were read from
 * @param placements where the pictures stand in the squares, one for each
 * @param inputs float32 {@code [N,C,side,side]}
 */
public record NewPictures(PictureFiles files, List<Letterbox> placements, HostArray inputs) {
  /**
   * Reads a picture, or all pictures of a folder in the order of their names.
   *
   * @param path a JPEG, PNG, GIF or BMP file, or a folder with such files
   * @param preprocessing what the training learned
   * @throws DataException as {@link PictureFiles}, or if the training was not on pictures with
   *     boxes
   */
  public static NewPictures read(Path path, Preprocessing preprocessing) {
    DetectionDataset.requireDetector(preprocessing);
    PictureFormat format = preprocessing.picture();
    List<Path> files = PictureFiles.list(path);
    int length = format.channels() * format.height() * format.width();
    byte[] pixels = new byte[Math.multiplyExact(files.size(), length)];
    List<Letterbox> placements = new ArrayList<>();
    PictureFiles read;
    try (SquarePictures pictures = new SquarePictures(format.height())) {
      read =
          PictureFiles.read(
              files,
              file -> {
                SquarePictures.Placed placed = pictures.read(file);
                byte[] square = placed.square().withChannels(format.channels()).pixels();
                System.arraycopy(square, 0, pixels, placements.size() * length, length);
                placements.add(placed.placement());
              });
    }
    return new NewPictures(
        read,
        placements,
        PictureEncoding.pixels(
            Arrays.copyOf(pixels, placements.size() * length), format, preprocessing.columns()));
  }
}
