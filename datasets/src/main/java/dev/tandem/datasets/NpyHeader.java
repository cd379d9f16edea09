package dev.tandem.datasets;

import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The Python dictionary at the beginning of a {@code .npy} file.
 *
 * @param type kind and bytes of an element, such as {@code f4}
 * @param order of the bytes of an element
 * @param shape at least one axis, each at least 1
 * @param fortran whether the first index runs fastest in the file, not the last
 */
record NpyHeader(String type, ByteOrder order, int[] shape, boolean fortran) {
  private static final Pattern DICTIONARY = Pattern.compile("\\{(.*)}\\s*", Pattern.DOTALL);
  private static final Pattern ENTRY =
      Pattern.compile(
          "\\G\\s*['\"](\\w+)['\"]\\s*:\\s*('[^']*'|\"[^\"]*\"|\\w+|\\([^()]*\\)|\\[.*])\\s*(?:,|$)",
          Pattern.DOTALL);
  private static final Pattern TYPE = Pattern.compile("['\"]([<>|])(f2|f4|f8|i4|i8|u1|i2|b1)['\"]");
  private static final Pattern AXES =
      Pattern.compile("\\(\\s*\\d{1,19}\\s*(?:,\\s*\\d{1,19}\\s*){0,63},?\\s*\\)");

  static NpyHeader parse(Path file, String text) {
    Map<String, String> entries = entries(file, text);
    String fortran = entries.get("fortran_order");
    if (!fortran.equals("True") && !fortran.equals("False")) {
      throw unreadable(file);
    }
    Matcher type = TYPE.matcher(entries.get("descr"));
    if (!type.matches()) {
      throw DataException.of(
          "%s has element type %s, of f2, f4, f8, i4, i8, u1, i2, b1 (save array.astype('float32') or"
              + " array.astype('int32'))",
          file, Cells.quote(entries.get("descr").replace("'", "")));
    }
    return new NpyHeader(
        type.group(2),
        type.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
        shape(file, entries.get("shape")),
        fortran.equals("True"));
  }

  private static Map<String, String> entries(Path file, String text) {
    Matcher dictionary = DICTIONARY.matcher(text);
    if (!dictionary.matches()) {
      throw unreadable(file);
    }
    String body = dictionary.group(1).strip();
    Map<String, String> entries = new HashMap<>();
    Matcher entry = ENTRY.matcher(body);
    int end = 0;
    while (end < body.length() && entry.find()) {
      entries.put(entry.group(1), entry.group(2));
      end = entry.end();
    }
    if (end != body.length()
        || entries.size() != 3
        || !entries.containsKey("descr")
        || !entries.containsKey("fortran_order")
        || !entries.containsKey("shape")) {
      throw unreadable(file);
    }
    return entries;
  }

  private static int[] shape(Path file, String text) {
    if (text.matches("\\(\\s*\\)")) {
      throw new DataException(
          file + " holds a single number, shape () (give it an axis: one row for each example)");
    }
    if (!AXES.matcher(text).matches()) {
      throw unreadable(file);
    }
    String[] axes = text.substring(1, text.length() - 1).strip().split("\\s*,\\s*");
    int[] shape = new int[axes.length];
    for (int axis = 0; axis < axes.length; axis++) {
      // Nineteen digits may still exceed a long, which is why the length is looked at first.
      long length = axes[axis].length() > 18 ? Long.MAX_VALUE : Long.parseLong(axes[axis]);
      if (length > Integer.MAX_VALUE) {
        throw DataException.of(
            "%s has an axis of length %s, more than 2147483647 (split the array)",
            file, axes[axis]);
      }
      if (length == 0) {
        throw new DataException(
            file + " holds no values, axis " + axis + " has length 0 (give at least one example)");
      }
      shape[axis] = (int) length;
    }
    return shape;
  }

  private static DataException unreadable(Path file) {
    return new DataException(
        file + " has a .npy header that cannot be understood (save it again with numpy.save)");
  }

  int elementBytes() {
    return type.charAt(1) - '0';
  }

  /** The number of elements. */
  int count(Path file) {
    try {
      int count = 1;
      for (int length : shape) {
        count = Math.multiplyExact(count, length);
      }
      return count;
    } catch (ArithmeticException e) {
      throw new DataException(
          file
              + " has shape "
              + describeShape()
              + ", more than 2147483647 values (split the array)",
          e);
    }
  }

  String describeShape() {
    return Arrays.stream(shape)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }
}
