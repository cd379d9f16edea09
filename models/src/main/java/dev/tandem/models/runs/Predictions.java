package dev.tandem.models.runs;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.tandem.datasets.AtomicFile;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Npy;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.Task;
import dev.tandem.models.ModelException;
import dev.tandem.models.training.Loss;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntUnaryOperator;

/** Writes what a network says about new examples. */
public final class Predictions {
  private Predictions() {}

  /** Checks that a file's ending says how to write it. */
  public static void requireKnownFormat(Path file) {
    if (!RunData.isArray(file) && !isTable(file)) {
      throw new ModelException(
          "%s ends neither in .npy nor in .csv (choose one of them)".formatted(file));
    }
  }

  private static boolean isTable(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".csv");
  }

  /**
   * Turns logits into probabilities: sigmoid for {@link Loss#BCE}, softmax along the last axis for
   * {@link Loss#CCE}.
   */
  public static HostArray probabilities(HostArray logits, Loss loss) {
    float[] values = logits.floats().clone();
    int[] shape = logits.shape();
    int columns = shape[shape.length - 1];
    for (int from = 0; from < values.length; from += columns) {
      if (loss == Loss.BCE) {
        sigmoid(values, from, columns);
      } else {
        softmax(values, from, columns);
      }
    }
    return HostArray.of(values, shape);
  }

  private static void sigmoid(float[] values, int from, int count) {
    for (int i = from; i < from + count; i++) {
      values[i] = (float) (1 / (1 + Math.exp(-values[i])));
    }
  }

  private static void softmax(float[] values, int from, int count) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      largest = Math.max(largest, values[i]);
    }
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += Math.exp(values[i] - largest);
    }
    for (int i = from; i < from + count; i++) {
      values[i] = (float) (Math.exp(values[i] - largest) / sum);
    }
  }

  /**
   * Writes predictions, replacing the file as a whole.
   *
   * @param file {@code .npy} for the outputs alone, {@code .csv} for a table with the class in
   *     front
   * @param outputs {@code [N, output...]}
   * @param classes the class of each row of outputs
   * @param target gives names to classes and columns; null if nothing is known about them
   * @param steps the number of steps of each example, of outputs {@code [N,T,K]}, which become a
   *     row for each step
   * @param names a column in front of all others; null without
   */
  public static void write(
      Path file,
      HostArray outputs,
      int[] classes,
      Preprocessing.Target target,
      IntUnaryOperator steps,
      NewData.RowNames names) {
    if (RunData.isArray(file)) {
      Npy.write(file, outputs);
      return;
    }
    boolean everyStep = outputs.shape().length == 3;
    boolean classification =
        target != null && (target.task() == Task.CLASSIFICATION || target.task() == Task.TAGGING);
    int columns = everyStep ? outputs.shape()[2] : outputs.exampleLength();
    int rows = everyStep ? outputs.shape()[1] : 1;
    List<String> header = new ArrayList<>();
    if (names != null) {
      header.add(names.column());
    }
    if (everyStep) {
      header.addAll(List.of("example", "step"));
    }
    if (classification) {
      header.add(target.names().get(0));
    }
    for (int column = 0; column < columns; column++) {
      header.add(columnName(target, classification, column, columns));
    }
    StringWriter text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().build(text)) {
      csv.writeRecord(header);
      for (int row = 0; row < outputs.size() * rows; row++) {
        List<String> cells = new ArrayList<>();
        if (names != null) {
          cells.add(names.names().get(row / rows));
        }
        if (everyStep) {
          if (row % rows >= steps.applyAsInt(row / rows)) {
            continue;
          }
          cells.add(Integer.toString(row / rows + 1));
          cells.add(Integer.toString(row % rows + 1));
        }
        if (classification) {
          cells.add(target.classNames().get(classes[row]));
        }
        for (int column = 0; column < columns; column++) {
          cells.add(Float.toString(outputs.floats()[row * columns + column]));
        }
        csv.writeRecord(cells);
      }
    } catch (IOException cause) {
      throw RunDirectory.unwritable(file, cause);
    }
    replace(file, text.toString());
  }

  static void replace(Path file, String text) {
    try {
      AtomicFile.replace(file, text);
    } catch (IOException cause) {
      throw RunDirectory.unwritable(file, cause);
    }
  }

  private static String columnName(
      Preprocessing.Target target, boolean classification, int column, int columns) {
    if (classification) {
      return columns == 1
          ? target.classNames().get(target.classNames().size() - 1)
          : target.classNames().get(column);
    }
    return target != null && column < target.names().size()
        ? target.names().get(column)
        : "output" + (column + 1);
  }
}
