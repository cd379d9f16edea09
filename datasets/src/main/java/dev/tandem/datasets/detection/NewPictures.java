package dev.tandem.datasets.detection;

import dev.tandem.datasets.DataException;
import dev.tandem.datasets.DataFiles;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Picture;
import dev.tandem.datasets.PictureEncoding;
import dev.tandem.datasets.PictureFormat;
import dev.tandem.datasets.Preprocessing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Pictures whose boxes nobody knows, as a trained detector takes them.
 *
 * @param names the files, without their folder
 * @param placements where the pictures stand in the squares, one for each
 * @param inputs float32 {@code [N,C,side,side]}
 */
public record NewPictures(List<String> names, List<Letterbox> placements, HostArray inputs) {
  /**
   * Reads a picture, or all pictures of a folder in the order of their names.
   *
   * @param path a JPEG, PNG, GIF or BMP file, or a folder with such files
   * @param preprocessing what the training learned
   * @throws DataException if a picture cannot be read, the folder holds none, or the training was
   *     not on pictures with boxes
   */
  public static NewPictures read(Path path, Preprocessing preprocessing) {
    DetectionDataset.requireDetector(preprocessing);
    PictureFormat format = preprocessing.picture();
    List<Path> files = Files.isDirectory(path) ? pictures(path) : List.of(path);
    int length = format.channels() * format.height() * format.width();
    byte[] pixels = new byte[Math.multiplyExact(files.size(), length)];
    List<Letterbox> placements = new ArrayList<>();
    try (SquarePictures pictures = new SquarePictures(format.height())) {
      for (Path file : files) {
        SquarePictures.Placed placed = pictures.read(file.toString(), DataFiles.readAll(file));
        byte[] square = placed.square().withChannels(format.channels()).pixels();
        System.arraycopy(square, 0, pixels, placements.size() * length, length);
        placements.add(placed.placement());
      }
    }
    return new NewPictures(
        files.stream().map(file -> file.getFileName().toString()).toList(),
        placements,
        PictureEncoding.pixels(pixels, format, preprocessing.columns()));
  }

  private static List<Path> pictures(Path folder) {
    try (Stream<Path> found = Files.list(folder)) {
      List<Path> files =
          found.filter(file -> Picture.isNamed(file.getFileName().toString())).sorted().toList();
      if (files.isEmpty()) {
        throw new DataException(
            folder + " holds no pictures (put .jpg, .png, .gif or .bmp files there)");
      }
      return files;
    } catch (IOException e) {
      throw DataFiles.unreadable(folder, e);
    }
  }
}
