package dev.tandem.datasets;

import dev.tandem.datasets.Preprocessing.Column;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How the bytes of pictures become numbers: divided by that of white, then shifted and scaled by
 * the mean and deviation that their channel has over all pixels of the training rows.
 */
public final class PictureEncoding {
  private static final int BYTE_VALUES = 256;

  private PictureEncoding() {}

  /**
   * Learns mean and deviation of each channel from a histogram, so that the sums are exact.
   *
   * @param pixels {@code [N,C,H,W]}
   * @param rows the training rows
   * @param notes what was learned is added, for the user to see
   */
  public static List<Column> fit(
      byte[] pixels, PictureFormat format, int[] rows, List<String> notes) {
    int plane = format.height() * format.width();
    List<String> names = format.channelNames();
    List<Column> columns = new ArrayList<>();
    for (int channel = 0; channel < format.channels(); channel++) {
      long[] counts = new long[BYTE_VALUES];
      for (int row : rows) {
        int first = row * format.length() + channel * plane;
        for (int i = first; i < first + plane; i++) {
          counts[pixels[i] & 0xff]++;
        }
      }
      Column column = column(names.get(channel), counts, format.white());
      columns.add(column);
      notes.add(
          column.scale() == 0
              ? "channel '%s' is constant in the training rows and becomes 0"
                  .formatted(column.name())
              : String.format(
                  Locale.ROOT,
                  "channel '%s': pixels are divided by %d and standardised, training mean %.4f,"
                      + " deviation %.4f",
                  column.name(),
                  format.white(),
                  column.mean(),
                  column.scale()));
    }
    return columns;
  }

  private static Column column(String name, long[] counts, double white) {
    long count = 0;
    long sum = 0;
    long squares = 0;
    for (int value = 0; value < BYTE_VALUES; value++) {
      count += counts[value];
      sum += counts[value] * value;
      squares += counts[value] * value * value;
    }
    double mean = (double) sum / count;
    boolean constant = Arrays.stream(counts).filter(n -> n > 0).count() <= 1;
    double variance = constant ? 0 : (double) squares / count - mean * mean;
    return Column.numeric(name, 0, mean / white, Math.sqrt(variance) / white);
  }

  /** The number that each byte of each channel stands for, {@code [C][256]}. */
  private static float[][] decode(List<Column> columns, double white) {
    float[][] tables = new float[columns.size()][BYTE_VALUES];
    for (int channel = 0; channel < tables.length; channel++) {
      for (int value = 0; value < BYTE_VALUES; value++) {
        tables[channel][value] = columns.get(channel).standardize(value / white);
      }
    }
    return tables;
  }

  /** Bytes {@code [N,C,H,W]} as the float32 numbers they stand for. */
  public static HostArray pixels(byte[] bytes, PictureFormat format, List<Column> columns) {
    return HostArray.pixels(
        bytes,
        decode(columns, format.white()),
        bytes.length / format.length(),
        format.channels(),
        format.height(),
        format.width());
  }

  /**
   * Encodes an array of pictures.
   *
   * @param name the file, for error messages
   * @param inputs float32 or int32 {@code [N,C,H,W]}, or {@code [N,H,W]} of grey pictures, from 0
   *     to white
   * @throws DataException if the shape or a value is another
   */
  static HostArray encode(
      String name, HostArray inputs, PictureFormat format, List<Column> columns) {
    int[] shape = inputs.shape();
    int[] expected = {inputs.size(), format.channels(), format.height(), format.width()};
    int[] withoutChannel = {inputs.size(), format.height(), format.width()};
    if (!Arrays.equals(shape, expected)
        && !(format.channels() == 1 && Arrays.equals(shape, withoutChannel))) {
      throw DataException.of(
          "%s is %s, training had pictures of %s (save them as [N,%d,%d,%d])",
          name, inputs, format, format.channels(), format.height(), format.width());
    }
    int plane = format.height() * format.width();
    double white = format.white();
    float[] encoded = new float[inputs.size() * format.length()];
    for (int i = 0; i < encoded.length; i++) {
      double value = inputs.isFloat() ? inputs.floats()[i] : inputs.ints()[i];
      if (!(value >= 0 && value <= white)) {
        throw DataException.of(
            "%s has the pixel %s in row %d (save pixels from 0 to %d, not scaled)",
            name,
            inputs.isFloat() ? Float.toString((float) value) : Integer.toString((int) value),
            i / format.length(),
            format.white());
      }
      Column column = columns.get(i / plane % format.channels());
      encoded[i] = column.standardize(value / white);
    }
    return HostArray.of(encoded, expected);
  }

  /** Decodes files, brings them to a size and encodes them. */
  static Preprocessing.Pictures encode(
      List<Path> files, PictureFormat format, List<Column> columns) {
    int length = format.length();
    byte[] pixels = new byte[Math.multiplyExact(files.size(), length)];
    int[] end = new int[1];
    PictureFiles read;
    try (PictureDecoder decoder = new PictureDecoder()) {
      read =
          PictureFiles.read(
              files,
              file -> {
                byte[] picture =
                    decoder
                        .decode(file, format.height(), format.width())
                        .fitted(format.height(), format.width())
                        .withChannels(format.channels())
                        .pixels();
                System.arraycopy(picture, 0, pixels, end[0], length);
                end[0] += length;
              });
    }
    return new Preprocessing.Pictures(
        pixels(Arrays.copyOf(pixels, end[0]), format.ofFiles(), columns), read);
  }
}
