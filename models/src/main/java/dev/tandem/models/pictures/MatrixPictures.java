package dev.tandem.models.pictures;

import dev.tandem.models.metrics.ConfusionMatrix;
import java.util.List;
import java.util.stream.IntStream;

/** Tables of numbers as colours. */
public final class MatrixPictures {
  private static final int HIT = 0x0062A3;
  private static final int MISS = 0xBE4600;
  private static final int EMPTY = 0xF6F8FA;

  /** Where a class was taken for another at all, that shows however rarely it was. */
  private static final double LEAST_SHADE = 0.12;

  private static final int LETTERS = 2;
  private static final int LABEL = 220;
  private static final int GAP = 10;
  private static final int CELL_SPACE = 10;
  private static final int LARGEST_CELL = 40;
  private static final int WIDEST = 960;
  private static final int NO_NUMBERS_ABOVE = 50;

  private MatrixPictures() {}

  /**
   * Counts of actual (rows) against predicted (columns) classes; the darker, the larger the share
   * of the row; right ones blue, wrong ones orange. Up to 50 classes have numbers in the cells.
   */
  public static Canvas confusion(String title, ConfusionMatrix matrix) {
    int n = matrix.size();
    boolean numbers = n <= NO_NUMBERS_ABOVE;
    int cell = numbers ? CELL_SPACE + widestCount(matrix) : Math.max(4, WIDEST / n);
    cell = Math.max(cell, numbers ? LARGEST_CELL : 0);
    Labels labels = Labels.of(matrix.classNames(), matrix.classNames(), cell, cell);
    Frame frame = new Frame(title, labels, "actual (rows), predicted (columns)", null);
    for (int actual = 0; actual < n; actual++) {
      for (int predicted = 0; predicted < n; predicted++) {
        long count = matrix.count(actual, predicted);
        double share = count == 0 ? 0 : (double) count / matrix.actualCount(actual);
        double shade = count == 0 ? 0 : LEAST_SHADE + (1 - LEAST_SHADE) * share;
        int rgb = Canvas.mix(EMPTY, actual == predicted ? HIT : MISS, shade);
        frame.cell(actual, predicted, rgb, 1);
        if (numbers && count > 0) {
          frame.number(
              actual, predicted, Long.toString(count), share > 0.5 ? 0xFFFFFF : Montage.TEXT);
        }
      }
    }
    return frame.page();
  }

  private static int widestCount(ConfusionMatrix matrix) {
    return IntStream.range(0, matrix.size())
        .mapToLong(matrix::actualCount)
        .mapToInt(count -> Lettering.width(Long.toString(count), LETTERS))
        .max()
        .orElseThrow();
  }

  /**
   * A table of numbers in the colours of viridis, with the scale below it: of gradients, say the
   * logarithm of each layer's norm at each step. NaN is magenta. Labels that have no room are left
   * out.
   *
   * @param values rows of equal length, at least one number
   * @param rowLabels one for each row
   * @param columnLabels one for each column
   * @throws IllegalArgumentException if the labels do not fit the numbers
   */
  public static Canvas heatMap(
      String title, double[][] values, List<String> rowLabels, List<String> columnLabels) {
    requireFit(values, rowLabels, columnLabels);
    return heatMap(title, values, rowLabels, columnLabels, span(values));
  }

  /**
   * A table of shares from 0 to 1, whose colours mean the same in every picture.
   *
   * @param values rows of equal length, at least one number
   * @throws IllegalArgumentException if the labels do not fit the numbers
   */
  public static Canvas shares(
      String title, double[][] values, List<String> rowLabels, List<String> columnLabels) {
    requireFit(values, rowLabels, columnLabels);
    return heatMap(title, values, rowLabels, columnLabels, new Span(0, 1));
  }

  private static void requireFit(
      double[][] values, List<String> rowLabels, List<String> columnLabels) {
    int columns = columnLabels.size();
    boolean fits = values.length == rowLabels.size() && values.length > 0 && columns > 0;
    for (double[] row : values) {
      fits &= row.length == columns;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "%d rows of numbers do not fit %d x %d labels (give one label for each row and column)"
              .formatted(values.length, rowLabels.size(), columns));
    }
  }

  private static Canvas heatMap(
      String title,
      double[][] values,
      List<String> rowLabels,
      List<String> columnLabels,
      Span span) {
    int columns = columnLabels.size();
    int wide = Math.clamp(WIDEST / columns, 1, LARGEST_CELL);
    int high = Math.clamp(WIDEST / values.length, LETTERS * Lettering.LINE + 4, LARGEST_CELL);
    Labels labels = Labels.of(rowLabels, columnLabels, wide, high);
    Frame frame = new Frame(title, labels, "", Montage.scale(ColorMap.VIRIDIS, span));
    for (int row = 0; row < values.length; row++) {
      for (int column = 0; column < columns; column++) {
        double value = values[row][column];
        double range = span.high() - span.low();
        double share = range > 0 ? (value - span.low()) / range : 0 * value;
        frame.cell(row, column, ColorMap.VIRIDIS.rgb(share), wide > 8 ? 1 : 0);
      }
    }
    return frame.page();
  }

  private static Span span(double[][] values) {
    float[] all = new float[values.length * values[0].length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) values[i / values[0].length][i % values[0].length];
    }
    return Span.of(all);
  }

  /** The labels of a table, cut to what they may take, and the size of a cell. */
  private record Labels(
      List<String> rows, List<String> columns, int wide, int high, int left, int above) {
    static Labels of(List<String> rows, List<String> columns, int wide, int high) {
      List<String> cutRows = cut(rows);
      List<String> cutColumns = cut(columns);
      return new Labels(cutRows, cutColumns, wide, high, widest(cutRows), widest(cutColumns));
    }

    private static List<String> cut(List<String> labels) {
      return labels.stream().map(label -> Lettering.fitting(label, LETTERS, LABEL)).toList();
    }

    private static int widest(List<String> labels) {
      return labels.stream().mapToInt(label -> Lettering.width(label, LETTERS)).max().orElse(0);
    }
  }

  /** A page with a title, labels on the left and above, and room for cells. */
  private record Frame(Canvas page, Labels labels, int left, int top) {
    Frame(String title, Labels labels, String note, Canvas footer) {
      this(
          sheet(title, labels, note, footer),
          labels,
          Montage.MARGIN + labels.left() + GAP,
          Montage.titleHeight() + noteHeight(note) + labels.above() + GAP);
      page.text(note, Montage.MARGIN, Montage.titleHeight(), LETTERS, Montage.SOFT);
      if (footer != null) {
        page.draw(footer, left, top + labels.rows().size() * labels.high() + GAP);
      }
      int letters = Lettering.LINE * LETTERS;
      int everyRow = (letters + labels.high() - 1) / labels.high();
      for (int row = 0; row < labels.rows().size(); row += everyRow) {
        String label = labels.rows().get(row);
        int x = left - GAP - Lettering.width(label, LETTERS);
        int y = top + row * labels.high() + (labels.high() - letters) / 2 + 1;
        page.text(label, x, y, LETTERS, Montage.TEXT);
      }
      int everyColumn = (3 * letters / 2 + labels.wide() - 1) / labels.wide();
      for (int column = 0; column < labels.columns().size(); column += everyColumn) {
        int x = left + column * labels.wide() + (labels.wide() - letters) / 2 + 1;
        page.textUpwards(labels.columns().get(column), x, top - GAP, LETTERS, Montage.TEXT);
      }
    }

    private static int noteHeight(String note) {
      return note.isEmpty() ? 0 : Lettering.LINE * LETTERS + GAP;
    }

    private static Canvas sheet(String title, Labels labels, String note, Canvas footer) {
      int table = labels.left() + GAP + labels.columns().size() * labels.wide();
      int scale = footer == null ? 0 : labels.left() + GAP + footer.width();
      int width = Math.max(table, Math.max(scale, Lettering.width(title, Montage.TITLE_SIZE)));
      width = Math.max(width, Lettering.width(note, LETTERS));
      int height = Montage.titleHeight() + noteHeight(note) + labels.above() + GAP;
      height += labels.rows().size() * labels.high() + Montage.MARGIN;
      height += footer == null ? 0 : footer.height() + GAP;
      return Montage.page(title, width + 2 * Montage.MARGIN, height);
    }

    void cell(int row, int column, int rgb, int gap) {
      int x = left + column * labels.wide();
      int y = top + row * labels.high();
      page.fill(x, y, labels.wide() - gap, labels.high() - gap, rgb);
    }

    void number(int row, int column, String text, int rgb) {
      int x = left + column * labels.wide();
      int y = top + row * labels.high();
      int wide = Lettering.width(text, LETTERS);
      int letters = (Lettering.LINE - 1) * LETTERS;
      page.text(
          text, x + (labels.wide() - wide) / 2, y + (labels.high() - letters) / 2, LETTERS, rgb);
    }
  }
}
