package dev.tandem.datasets;

import dev.tandem.datasets.Catalog.DataFile;
import dev.tandem.datasets.Catalog.Entry;
import dev.tandem.datasets.detection.AnnotatedPictures;
import dev.tandem.datasets.detection.DetectionDataset;
import dev.tandem.datasets.detection.Scenes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The sets of pictures with boxes in the catalog. */
final class DetectionEntries {
  private static final int SCENE_SIDE = 64;
  private static final int TRAINING_SCENES = 4000;
  private static final int TEST_SCENES = 500;
  private static final long SEED = 0;
  private static final int BLOOD_TEST_PICTURES = 20;

  static final List<Entry> ALL =
      List.of(
          new Entry(
              "scenes",
              "Scenes: handwritten digits on a canvas, to be found and read, with a test part of other writers",
              Task.DETECTION,
              "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
              "CC BY 4.0",
              true,
              List.of(),
              (entry, files, provenance) -> scenes(entry)),
          new Entry(
              "bccd",
              "Blood cells: 80 microscope pictures with boxes around red cells, white cells and platelets; the last 20 test",
              Task.DETECTION,
              "https://github.com/Shenggan/BCCD_Dataset",
              "MIT",
              false,
              files("bccd"),
              DetectionEntries::bloodCells));

  private DetectionEntries() {}

  private static RawDataset scenes(Entry entry) {
    AnnotatedPictures pictures =
        Scenes.draw(TRAINING_SCENES, SCENE_SIDE, false, SEED)
            .then(Scenes.draw(TEST_SCENES, SCENE_SIDE, true, SEED));
    return new DetectionDataset(
        entry.id(),
        pictures,
        IntStream.range(TRAINING_SCENES, pictures.size()).toArray(),
        new Provenance(
            entry.source(),
            entry.licence(),
            "generated",
            "none",
            DataFiles.sha256(pictures.pixels())));
  }

  /** The last pictures by name test: the publisher has no test part of these. */
  private static RawDataset bloodCells(Entry entry, List<byte[]> bytes, Provenance provenance) {
    Map<String, byte[]> files = new HashMap<>();
    for (int i = 0; i < bytes.size(); i++) {
      files.put(entry.files().get(i).name(), bytes.get(i));
    }
    AnnotatedPictures pictures = AnnotatedPictures.read(files, DetectionDataset.DEFAULT_SIDE);
    int[] test = IntStream.range(pictures.size() - BLOOD_TEST_PICTURES, pictures.size()).toArray();
    return new DetectionDataset(entry.id(), pictures, test, provenance);
  }

  /** Of each line checksum, bytes and name. */
  private static List<DataFile> files(String id) {
    String resource = "checksums/" + id + ".txt";
    try (InputStream in = DetectionEntries.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(" "))
          .map(parts -> new DataFile(parts[2], Integer.parseInt(parts[1]), parts[0]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
