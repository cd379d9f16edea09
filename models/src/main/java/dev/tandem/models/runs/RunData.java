package dev.tandem.models.runs;

import dev.tandem.datasets.ArrayDataset;
import dev.tandem.datasets.Catalog;
import dev.tandem.datasets.LanguageDataset;
import dev.tandem.datasets.PictureOptions;
import dev.tandem.datasets.PixelDataset;
import dev.tandem.datasets.RawDataset;
import dev.tandem.datasets.SeriesDataset;
import dev.tandem.datasets.Table;
import dev.tandem.datasets.TabularDataset;
import dev.tandem.datasets.TaggingDataset;
import dev.tandem.datasets.Task;
import dev.tandem.datasets.TextDataset;
import dev.tandem.datasets.detection.AnnotatedPictures;
import dev.tandem.datasets.detection.DetectionDataset;
import dev.tandem.models.ModelException;
import dev.tandem.models.Presets;
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
    RawDataset raw =
        settings.dataset() != null ? known(settings) : own(Path.of(settings.data()), settings);
    if (raw.task() == Task.DETECTION) {
      refuse(settings.loss(), "--loss", "other tasks, a detector has its own");
    }
    return windowed(raw, settings);
  }

  /** Cuts a series or a text as the settings say. */
  private static RawDataset windowed(RawDataset raw, RunSettings settings) {
    if (raw instanceof SeriesDataset series) {
      SeriesDataset.Options options = series.options();
      refuse(settings.tbptt(), "--tbptt", "language models");
      return series.with(
          new SeriesDataset.Options(
              or(settings.window(), options.window()),
              or(settings.horizon(), options.horizon()),
              options.season(),
              options.mode()));
    }
    refuse(settings.horizon(), "--horizon", "forecasts");
    if (raw instanceof LanguageDataset language) {
      if (settings.tbptt() != null) {
        refuse(
            settings.window(),
            "--window",
            "language models without --tbptt, which is a window too");
      }
      Integer steps = settings.tbptt() != null ? settings.tbptt() : settings.window();
      return language.with(language.options().withSteps(or(steps, language.options().steps())));
    }
    refuse(settings.tbptt(), "--tbptt", "language models");
    refuse(settings.window(), "--window", "forecasts and language models");
    return raw;
  }

  private static int or(Integer chosen, int usual) {
    return chosen == null ? usual : chosen;
  }

  private static void refuse(Object given, String option, String belongs) {
    if (given != null) {
      throw new ModelException("%s goes with %s (leave it out)".formatted(option, belongs));
    }
  }

  private static RawDataset known(RunSettings settings) {
    String id = settings.dataset();
    Task task = settings.task();
    refuse(settings.pictureSize(), "--picture-size", "pictures of your own");
    String mirror = System.getenv(MIRROR);
    RawDataset raw = Catalog.load(id, mirror == null ? null : Path.of(mirror));
    if (task != null && task != raw.task()) {
      throw new ModelException(
          "data set '%s' is for %s (leave --task out)"
              .formatted(id, raw.task().name().toLowerCase(Locale.ROOT)));
    }
    return raw;
  }

  private static RawDataset own(Path file, RunSettings settings) {
    if (isArray(file)) {
      return ArrayDataset.read(
          file, labels(file, settings), settings.task(), settings.standardize());
    }
    if (settings.standardize()) {
      throw new ModelException(
          "--standardize goes with a .npy array: %s is standardised anyway (leave it out)"
              .formatted(file));
    }
    if (isIdx(file)) {
      return PixelDataset.readIdx(file, labels(file, settings));
    }
    if (settings.labels() != null) {
      throw new ModelException(
          "--labels goes with .npy arrays and IDX files, not with %s (use --target COLUMN)"
              .formatted(file));
    }
    if (isAnnotated(file, settings.task())) {
      return DetectionDataset.read(file, or(settings.pictureSize(), DetectionDataset.DEFAULT_SIDE));
    }
    if (Files.isDirectory(file) || isArchive(file)) {
      return PixelDataset.read(
          file,
          new PictureOptions(
              0, or(settings.pictureSize(), 0), or(settings.pictureSize(), 0), settings.strict()));
    }
    return text(file, settings);
  }

  private static Path labels(Path file, RunSettings settings) {
    if (settings.labels() == null) {
      throw new ModelException("%s is an array without labels (add --labels FILE)".formatted(file));
    }
    return Path.of(settings.labels());
  }

  /** Opens what is written in characters: tables, series, texts. */
  private static RawDataset text(Path file, RunSettings settings) {
    boolean sequences =
        !RunModel.isFile(settings.model()) && Presets.get(settings.model()).readsSequences();
    Task task = settings.task() != null ? settings.task() : ownTask(settings.model());
    if (task == null && ends(file, ".txt") && settings.target() == null) {
      task = textTask(file, settings.model());
    }
    if (task == Task.TAGGING) {
      return TaggingDataset.read(file, TaggingDataset.Options.DEFAULT);
    }
    if (task == Task.LANGUAGE) {
      return LanguageDataset.read(
          file,
          "word-lm".equals(settings.model())
              ? LanguageDataset.Options.WORDS
              : LanguageDataset.Options.CHARACTERS);
    }
    if (task == Task.FORECAST || task == null && isSeries(file, sequences, settings)) {
      return SeriesDataset.read(file, target(file, settings), SeriesDataset.Options.DEFAULT);
    }
    if (sequences && (task == null || task == Task.CLASSIFICATION)) {
      return TextDataset.read(file, settings.target(), TextDataset.Options.WORDS);
    }
    return TabularDataset.read(file, target(file, settings), task);
  }

  /** The task of presets that have one of their own, whatever the file is called; else null. */
  private static Task ownTask(String model) {
    return switch (model) {
      case "tagger" -> Task.TAGGING;
      case "char-lm", "word-lm" -> Task.LANGUAGE;
      default -> null;
    };
  }

  /** What a text is for whose lines may be anything: an architecture file may go on with it. */
  private static Task textTask(Path file, String model) {
    if (RunModel.isFile(model)) {
      return Task.LANGUAGE;
    }
    throw new ModelException(
        "%s is a text, and preset '%s' does not say what to learn from it (take char-lm or word-lm to go on with it, tagger for a word and its tag on each line, or bi-lstm and --task classification for a text and its class on each line)"
            .formatted(file, model));
  }

  /** A network for sequences finds texts in a table with texts, and in any other a series. */
  private static boolean isSeries(Path file, boolean sequences, RunSettings settings) {
    return settings.window() != null
        || settings.horizon() != null
        || sequences && ends(file, ".csv") && SeriesDataset.isSeries(Table.read(file));
  }

  private static String target(Path file, RunSettings settings) {
    if (settings.target() == null) {
      throw new ModelException(
          "which column of %s is to be predicted? (add --target with one of: %s)"
              .formatted(file, String.join(", ", Table.read(file).columns())));
    }
    return settings.target();
  }

  /** Returns whether data is a folder of pictures with boxes. */
  public static boolean isAnnotated(Path file, Task task) {
    return task == Task.DETECTION
        || task == null && Files.isRegularFile(file.resolve(AnnotatedPictures.ANNOTATIONS));
  }

  private static boolean isIdx(Path file) {
    return file.getFileName()
        .toString()
        .toLowerCase(Locale.ROOT)
        .matches(".*idx[13]-ubyte(\\.gz)?");
  }

  private static boolean isArchive(Path file) {
    return ends(file, ".tar") || ends(file, ".tar.gz") || ends(file, ".tgz");
  }

  private static boolean ends(Path file, String ending) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(ending);
  }

  /** Returns whether a file is an array by its ending. */
  public static boolean isArray(Path file) {
    return ends(file, ".npy");
  }
}
