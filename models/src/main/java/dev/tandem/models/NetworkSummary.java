package dev.tandem.models;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.models.layers.Binding;
import dev.tandem.models.layers.Flatten;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.Layer;
import dev.tandem.models.layers.ParameterTable;
import dev.tandem.models.layers.ParameterTable.Parameter;
import dev.tandem.models.layers.Residual;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a network is made of, without memory being taken: shapes, parameters, operations, and the
 * bytes of what it says, in FLOAT32. How much memory an engine takes to say it is another number,
 * see {@link dev.tandem.models.training.MemoryNeed}. The rows add up to the totals: a block's row
 * has what the block does itself, its layers have rows of their own.
 *
 * @param network the name
 * @param input the shape of one example
 * @param rows the layers in order
 * @param trained the number of trained parameters
 * @param buffers the number of values that are kept with them but not trained
 */
public record NetworkSummary(
    String network, Shape input, List<Row> rows, long trained, long buffers) {
  // Backward computes two products, for input and weights, where forward computes one.
  private static final int TRAINING_FACTOR = 3;

  /**
   * One layer.
   *
   * @param depth 0, or how many blocks the layer is in
   * @param name the layer's name
   * @param type the layer's type
   * @param output the shape of the output for one example
   * @param parameters the number of its parameters, trained or not
   * @param flops the multiplications and additions of its forward pass for one example
   * @param activations the elements of the output for one example; 0 where the layer writes into
   *     its input's or the layer's in front of it
   */
  public record Row(
      int depth,
      String name,
      String type,
      Shape output,
      long parameters,
      long flops,
      long activations) {
    /** Returns the bytes of parameters, and of the output for one example. */
    public long bytes() {
      return bytesOf(parameters + activations);
    }
  }

  /** Describes a network. */
  public static NetworkSummary of(Network network) {
    ParameterTable table = network.parameters(Initializer.Scheme.DEFAULT);
    List<Row> rows = new ArrayList<>();
    addRows(network.layers(), network.input(), 0, table, rows);
    long buffers = table.all().stream().mapToLong(p -> p.shape().elements()).sum() - table.count();
    return new NetworkSummary(
        network.name(), network.input(), List.copyOf(rows), table.count(), buffers);
  }

  /** Returns the operations of the forward pass for one example. */
  public long flops() {
    return rows.stream().mapToLong(Row::flops).sum();
  }

  /** Returns about how many operations a training step takes for each example. */
  public long trainingFlops() {
    return TRAINING_FACTOR * flops();
  }

  /** Returns a table for a terminal, with {@code \n} at the end of each line. */
  public String text() {
    List<String[]> cells = new ArrayList<>();
    cells.add(new String[] {"layer", "type", "output", "parameters", "FLOPs", "bytes"});
    cells.add(
        new String[] {"input", "", batched(input), "", "", grouped(bytesOf(input.elements()))});
    for (Row row : rows) {
      cells.add(
          new String[] {
            "  ".repeat(row.depth) + row.name,
            row.type,
            batched(row.output),
            grouped(row.parameters),
            grouped(row.flops),
            grouped(row.bytes())
          });
    }
    StringBuilder text = new StringBuilder(network).append('\n');
    appendTable(cells, text);
    line(text, "parameters", grouped(trained + buffers) + ", trained " + grouped(trained));
    line(
        text,
        "FLOPs per example",
        "%s forward, about %s in a training step",
        flops(),
        trainingFlops());
    return text.toString();
  }

  private static void addRows(
      List<Layer> layers, Shape input, int depth, ParameterTable table, List<Row> rows) {
    Shape shape = input;
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      Shape output = layer.outputShape(shape);
      boolean inPlace =
          layer instanceof Flatten || i > 0 && Binding.fuses(layers.get(i - 1), layer);
      boolean block = layer instanceof Residual;
      rows.add(
          new Row(
              depth,
              layer.name(),
              layer.type(),
              output,
              parameters(layer, table),
              // The block itself adds its input.
              block ? output.elements() : layer.flops(shape),
              inPlace ? 0 : output.elements()));
      if (layer instanceof Residual residual) {
        addRows(residual.layers(), shape, depth + 1, table, rows);
      }
      shape = output;
    }
  }

  private static long parameters(Layer layer, ParameterTable table) {
    long count = 0;
    for (Parameter parameter : table.all()) {
      String name = parameter.name();
      if (name.substring(0, name.lastIndexOf('.')).equals(layer.name())) {
        count += parameter.shape().elements();
      }
    }
    return count;
  }

  private static void appendTable(List<String[]> cells, StringBuilder text) {
    int columns = cells.get(0).length;
    int[] widths = new int[columns];
    for (String[] row : cells) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row[column].length());
      }
    }
    for (String[] row : cells) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        String gap = " ".repeat(widths[column] - row[column].length());
        boolean number = column > 2;
        line.append(number ? gap + row[column] : row[column] + gap).append("  ");
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
  }

  private static void line(StringBuilder text, String what, String format, long... values) {
    Object[] numbers = new Object[values.length];
    for (int i = 0; i < values.length; i++) {
      numbers[i] = grouped(values[i]);
    }
    text.append(what).append(": ").append(format.formatted(numbers)).append('\n');
  }

  private static String batched(Shape shape) {
    String extents = shape.toString().substring(1);
    return shape.rank() == 0 ? "[N]" : "[N," + extents;
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static long bytesOf(long elements) {
    return elements * DataType.FLOAT32.bytes();
  }
}
