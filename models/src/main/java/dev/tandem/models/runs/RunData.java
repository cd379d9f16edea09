package dev.tandem.models.runs;

import dev.tandem.datasets.ArrayDataset;
import dev.tandem.datasets.Catalog;
import dev.tandem.datasets.RawDataset;
import dev.tandem.datasets.Table;
import dev.tandem.datasets.TabularDataset;
import dev.tandem.datasets.Task;
import dev.tandem.models.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Finds the data of a run: a known set by its id, or files of the user's own by their endings. */
public final class RunData {
  /** The environment variable that names a directory with one folder for each data set. */
  public static final String MIRROR = "TANDEM_MIRROR";

  private RunData() {}

  /** Opens the data that settings name. */
  public static RawDataset open(RunSettings settings) {
    if (settings.dataset() != null) {
      return known(settings.dataset(), settings.task());
    }
    Path file = Path.of(settings.data());
    if (isArray(file)) {
      if (settings.labels() == null) {
        throw new ModelException(
            "%s is an array without labels (add --labels FILE.npy)".formatted(file));
      }
      return ArrayDataset.read(
          file, Path.of(settings.labels()), settings.task(), settings.standardize());
    }
    return table(file, settings);
  }

  private static RawDataset known(String id, Task task) {
    String mirror = System.getenv(MIRROR);
    RawDataset raw = Catalog.load(id, mirror == null ? null : Path.of(mirror));
    if (task != null && task != raw.task()) {
      throw new ModelException(
          "data set '%s' is for %s (leave --task out)"
              .formatted(id, raw.task().name().toLowerCase(Locale.ROOT)));
    }
    return raw;
  }

  private static RawDataset table(Path file, RunSettings settings) {
    if (Files.isDirectory(file)) {
      throw new ModelException(
          "%s is a directory (give a .csv, .tsv or .npy file)".formatted(file));
    }
    if (settings.labels() != null) {
      throw new ModelException(
          "--labels goes with a .npy array, not with %s (use --target COLUMN)".formatted(file));
    }
    if (settings.standardize()) {
      throw new ModelException(
          "--standardize goes with a .npy array: the columns of %s are standardised anyway (leave it out)"
              .formatted(file));
    }
    if (settings.target() == null) {
      throw new ModelException(
          "which column of %s is to be predicted? (add --target with one of: %s)"
              .formatted(file, String.join(", ", Table.read(file).columns())));
    }
    return TabularDataset.read(file, settings.target(), settings.task());
  }

  /** Returns whether a file is an array by its ending. */
  public static boolean isArray(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".npy");
  }
}
