package dev.tandem.engine.conformance;

import dev.tandem.engine.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One case of what PyTorch computes, from a file that {@code src/test/python/make_golden.py} wrote;
 * the format stands there.
 *
 * @param name what the file calls the case
 * @param lines the rest of its lines by key, without the kind
 */
record Golden(String name, Map<String, String> lines) {

  /** Reads the cases of a file. */
  static List<Golden> read(String file) {
    String resource = "/golden/" + file + ".txt";
    try (InputStream in = Golden.class.getResourceAsStream(resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Arrays.stream(text.split("\n\n")).map(Golden::parse).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  private static Golden parse(String block) {
    List<String[]> lines = block.lines().map(line -> line.split(" ", 3)).toList();
    Map<String, String> byKey =
        lines.stream().skip(1).collect(Collectors.toMap(parts -> parts[1], parts -> parts[2]));
    return new Golden(lines.get(0)[1], byKey);
  }

  boolean has(String key) {
    return lines.containsKey(key);
  }

  private String line(String key) {
    if (!has(key)) {
      throw new IllegalArgumentException("case %s has no '%s'".formatted(name, key));
    }
    return lines.get(key);
  }

  double number(String key) {
    return Double.parseDouble(line(key));
  }

  String text(String key) {
    return line(key);
  }

  Shape shape(String key) {
    String extents = line(key).substring(1, line(key).indexOf(']'));
    return extents.isEmpty()
        ? Shape.of()
        : Shape.of(Arrays.stream(extents.split(",")).mapToInt(Integer::parseInt).toArray());
  }

  double[] doubles(String key) {
    return Arrays.stream(values(key)).mapToDouble(Double::parseDouble).toArray();
  }

  int[] ints(String key) {
    return Arrays.stream(values(key)).mapToInt(Integer::parseInt).toArray();
  }

  private String[] values(String key) {
    return line(key).substring(line(key).indexOf(']') + 2).split(" ");
  }

  @Override
  public String toString() {
    return name;
  }
}
