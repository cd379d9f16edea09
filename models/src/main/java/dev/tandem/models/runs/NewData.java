package dev.tandem.models.runs;

import dev.tandem.datasets.EncodedExamples;
import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.LanguageDataset;
import dev.tandem.datasets.Npy;
import dev.tandem.datasets.PictureOptions;
import dev.tandem.datasets.PixelDataset;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.Preprocessing.Encoded;
import dev.tandem.datasets.Preprocessing.Form;
import dev.tandem.datasets.Sentences;
import dev.tandem.datasets.SeriesEncoding;
import dev.tandem.datasets.Table;
import dev.tandem.datasets.TaggingDataset;
import dev.tandem.datasets.Task;
import dev.tandem.datasets.TextDataset;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import java.nio.file.Path;
import java.util.List;

/**
 * New files for a trained network, encoded as those that it was trained on.
 *
 * @param inputs what goes into the network
 * @param notes what the user should know
 * @param lastValues of a series: the last value of each window, to which forecasts may refer;
 *     otherwise null
 * @param rowNames what the examples are called; null if they are only in order
 */
public record NewData(
    HostArray inputs, List<String> notes, HostArray lastValues, RowNames rowNames) {

  /**
   * What examples are called, so that each prediction can be matched to its input.
   *
   * @param column what the names are
   * @param names one for each example
   */
  public record RowNames(String column, List<String> names) {}

  /** Examples without names. */
  public NewData(HostArray inputs, List<String> notes) {
    this(inputs, notes, null, null);
  }

  private NewData(Encoded encoded) {
    this(encoded.inputs(), encoded.notes());
  }

  private NewData(Preprocessing.Pictures pictures) {
    this(
        pictures.inputs(),
        pictures.files().notes(),
        null,
        new RowNames("file", pictures.files().names()));
  }

  private NewData(SeriesEncoding.Windows windows, String time) {
    this(
        windows.inputs(),
        windows.notes(),
        windows.naive().last(),
        new RowNames(time == null ? "step" : time, windows.labels()));
  }

  /**
   * Reads examples without labels: for a network of arrays {@code .npy}; of a table or a series its
   * columns; of pictures one picture, a folder of them or {@code .npy}; of texts a text on each
   * line; of sentences a word on each line.
   *
   * @param preprocessing what the training learned
   */
  public static NewData read(Preprocessing preprocessing, Path file) {
    return switch (preprocessing.form()) {
      case ARRAY -> array(preprocessing, file);
      case IMAGE ->
          RunData.isArray(file)
              ? array(preprocessing, file)
              : new NewData(preprocessing.encodePictures(file));
      case TABLE -> new NewData(preprocessing.encode(table(file)));
      case SERIES ->
          new NewData(
              preprocessing.encodeSeries(table(file), false), preprocessing.series().time());
      case TEXT -> new NewData(TextDataset.encode(preprocessing, file));
      case TAGGING -> {
        EncodedExamples encoded =
            TaggingDataset.encode(preprocessing, file.toString(), Sentences.read(file, false));
        yield new NewData(encoded.examples().inputs(), encoded.notes());
      }
      case LANGUAGE ->
          throw new ModelException(
              "the run is a language model, which goes on with a text (use generate)");
    };
  }

  /**
   * Reads examples with what they are to be measured by.
   *
   * @param settings those of the training
   * @param labels of an array or of IDX files; otherwise null
   */
  public static EncodedExamples measured(
      Preprocessing preprocessing, RunSettings settings, Network network, Path data, Path labels) {
    Form form = preprocessing.form();
    boolean array = form == Form.ARRAY || form == Form.IMAGE && RunData.isArray(data);
    if (array && labels == null) {
      throw new ModelException(
          "%s has no labels to measure by (add --labels FILE.npy)".formatted(data));
    }
    if (labels != null && !array && form != Form.IMAGE) {
      throw new ModelException(
          "--labels goes with a .npy array or IDX files, not with %s (leave it out)"
              .formatted(data));
    }
    return switch (form) {
      case ARRAY -> arrays(preprocessing, data, labels);
      case IMAGE ->
          array ? arrays(preprocessing, data, labels) : pictures(preprocessing, data, labels);
      case TABLE -> {
        Table table = table(data);
        Encoded encoded = preprocessing.encode(table);
        yield new EncodedExamples(
            new Examples(encoded.inputs(), preprocessing.encodeTargets(table)), encoded.notes());
      }
      case SERIES -> {
        SeriesEncoding.Windows windows = preprocessing.encodeSeries(table(data), true);
        yield new EncodedExamples(
            new Examples(windows.inputs(), windows.targets(), windows.origins()),
            windows.notes(),
            windows.naive());
      }
      case TEXT -> TextDataset.encode(preprocessing, data, settings.target());
      case TAGGING ->
          TaggingDataset.encode(preprocessing, data.toString(), Sentences.read(data, true));
      case LANGUAGE -> LanguageDataset.encode(preprocessing, data, network.steps());
    };
  }

  /** Returns a network's outputs for these examples in the units of the data. */
  public HostArray inUnits(Preprocessing preprocessing, HostArray outputs) {
    if (preprocessing.form() == Form.SERIES) {
      return preprocessing.series().forecasts(preprocessing.target(), outputs, lastValues);
    }
    return preprocessing.target().task() == Task.REGRESSION
        ? preprocessing.target().unscale(outputs)
        : outputs;
  }

  private static NewData array(Preprocessing preprocessing, Path file) {
    if (!RunData.isArray(file)) {
      throw new ModelException("%s is not a .npy array (give one)".formatted(file));
    }
    HostArray inputs = preprocessing.encode(file.toString(), Npy.read(file));
    return new NewData(inputs, List.of());
  }

  private static EncodedExamples arrays(Preprocessing preprocessing, Path data, Path labels) {
    HostArray inputs = array(preprocessing, data).inputs();
    HostArray targets = preprocessing.encodeTargets(labels.toString(), Npy.read(labels), inputs);
    return new EncodedExamples(new Examples(inputs, targets), List.of());
  }

  private static Table table(Path file) {
    if (RunData.isArray(file)) {
      throw new ModelException(
          "the run was trained on a table, and %s is an array (give a .csv or .tsv with the same columns)"
              .formatted(file));
    }
    return Table.read(file);
  }

  private static EncodedExamples pictures(Preprocessing preprocessing, Path data, Path labels) {
    PixelDataset pictures =
        labels != null
            ? PixelDataset.readIdx(data, labels)
            : PixelDataset.read(data, PictureOptions.of(preprocessing.picture()));
    return new EncodedExamples(pictures.encode(preprocessing), pictures.notes());
  }
}
