package dev.tandem.models;

import dev.tandem.datasets.AtomicFile;
import dev.tandem.datasets.Nearest;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.models.layers.LayerFields;
import dev.tandem.models.layers.LayerTypes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The architecture file, JSON:
 *
 * <pre>{@code
 * {"name": "ann",
 *  "input": {"shape": ["T", 28], "dtype": "float32"},
 *  "layers": [{"type": "linear", "name": "fc1", "units": 128}, {"type": "relu"}]}
 * }</pre>
 *
 * The shape is that of one example; {@code "T"} as its first extent is a time axis whose length
 * comes from the data. {@code dtype} is {@code float32}, the default, or {@code int32} for token
 * ids. {@code name} is the file's name without its extension if missing.
 */
public final class ModelFile {
  // A layer takes about 100 bytes: room for a hundred thousand of them.
  private static final int MAXIMUM_BYTES = 16 << 20;
  // A residual block takes two levels; no known network nests thirty blocks.
  private static final int MAXIMUM_DEPTH = 64;
  private static final String TIME = "T";
  private static final Map<String, DataType> INPUT_TYPES = inputTypes();

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAXIMUM_DEPTH).build())
                  .build())
          // What follows is looked for below, where the error can say so in plain words.
          .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private ModelFile() {}

  /**
   * Reads a network.
   *
   * @param file the architecture file
   * @param time what {@code "T"} stands for; empty if not known, then a {@code "T"} is an error
   * @throws ModelException if the file is not there, not such a file, or describes no possible
   *     network; the message begins with the file
   */
  public static Network read(Path file, OptionalInt time) {
    byte[] bytes = bytes(file);
    try {
      return network(stem(file), LayerFields.object("the file", parse(bytes)), time);
    } catch (ModelException e) {
      throw new ModelException(file + ": " + e.getMessage());
    }
  }

  /**
   * Writes a network. The file is there as a whole or not at all.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path file, Network network) {
    // Jackson indents with the platform's line ends.
    String text = MAPPER.writeValueAsString(toJson(network)).replace("\r\n", "\n");
    try {
      AtomicFile.replace(file, text + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what {@link #write} writes, as maps, lists, texts and numbers. */
  public static Map<String, Object> toJson(Network network) {
    List<Integer> extents = new ArrayList<>();
    for (int extent : network.input().toArray()) {
      extents.add(extent);
    }
    Map<String, Object> input = new LinkedHashMap<>();
    input.put("shape", extents);
    input.put("dtype", network.inputType() == DataType.INT32 ? "int32" : "float32");
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("name", network.name());
    root.put("input", input);
    root.put(
        "layers", network.layers().stream().map(layer -> LayerTypes.write("", layer)).toList());
    return root;
  }

  private static byte[] bytes(Path file) {
    try (InputStream stream = Files.newInputStream(file)) {
      byte[] bytes = stream.readNBytes(MAXIMUM_BYTES + 1);
      if (bytes.length > MAXIMUM_BYTES) {
        throw new ModelException(
            "%s: the file is larger than 16 MiB (give an architecture file, not weights or data)"
                .formatted(file));
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new ModelException(
          "%s: there is no such file (give the path of an architecture file)".formatted(file));
    } catch (IOException e) {
      throw new ModelException(
          "%s: the file cannot be read: %s (give a readable file)".formatted(file, e.getMessage()));
    }
  }

  private static Object parse(byte[] bytes) {
    if (bytes.length == 0) {
      throw new ModelException("the file is empty (write {...})");
    }
    try (JsonParser parser = MAPPER.createParser(bytes)) {
      Object value = MAPPER.readValue(parser, Object.class);
      if (parser.nextToken() != null) {
        throw syntaxError(parser.currentTokenLocation(), "something follows the first value");
      }
      return value;
    } catch (StreamConstraintsException e) {
      // Jackson gives no place here.
      throw new ModelException(
          "the JSON is nested deeper than %d levels, or a number or text in it is too long to be meant (simplify it)"
              .formatted(MAXIMUM_DEPTH));
    } catch (JacksonException e) {
      throw syntaxError(e.getLocation(), e.getOriginalMessage().replaceAll("\\s+", " "));
    }
  }

  private static ModelException syntaxError(TokenStreamLocation place, String message) {
    return new ModelException(
        "line %d, column %d: %s (correct the JSON)"
            .formatted(place.getLineNr(), place.getColumnNr(), message));
  }

  private static Network network(String defaultName, Map<String, Object> root, OptionalInt time) {
    checkKeys("key", root, List.of("name", "input", "layers"));
    Object name = root.getOrDefault("name", defaultName);
    if (!(name instanceof String text) || text.isBlank()) {
      throw new ModelException("key 'name' is %s (give a text)".formatted(name));
    }
    Map<String, Object> input = LayerFields.object("key 'input'", required(root, "input", ""));
    checkKeys("key of 'input'", input, List.of("shape", "dtype"));
    Shape shape = shape(required(input, "shape", "input."), time);
    Object type = input.getOrDefault("dtype", "float32");
    if (!INPUT_TYPES.containsKey(String.valueOf(type))) {
      throw new ModelException(
          "key 'input.dtype': "
              + Nearest.unknown("dtype", String.valueOf(type), INPUT_TYPES.keySet()));
    }
    if (!(required(root, "layers", "") instanceof List<?> list)) {
      throw new ModelException("key 'layers' is %s (give a list)".formatted(root.get("layers")));
    }
    List<Map<String, Object>> layers = new ArrayList<>();
    for (Object layer : list) {
      layers.add(LayerFields.object("layer " + (layers.size() + 1), layer));
    }
    return new Network(
        text, shape, INPUT_TYPES.get(String.valueOf(type)), LayerTypes.read("", layers));
  }

  private static Shape shape(Object value, OptionalInt time) {
    if (!(value instanceof List<?> list) || list.isEmpty()) {
      throw new ModelException(
          "key 'input.shape' is %s (give a list of extents, such as [28,28])".formatted(value));
    }
    int[] extents = new int[list.size()];
    for (int i = 0; i < extents.length; i++) {
      Object extent = list.get(i);
      if (i == 0 && TIME.equals(extent)) {
        extents[i] =
            time.orElseThrow(
                () ->
                    new ModelException(
                        "key 'input.shape' is %s: the length of the time axis comes from the data (give data, or a number instead of \"T\")"
                            .formatted(value)));
      } else if (extent instanceof Integer number) {
        extents[i] = number;
      } else {
        throw new ModelException(
            "key 'input.shape' is %s: extent %d is %s (give a whole number, or \"T\" as the first)"
                .formatted(value, i + 1, extent));
      }
      if (extents[i] < 1) {
        throw new ModelException(
            "key 'input.shape' is %s: extent %d is %d (give 1 or more)"
                .formatted(value, i + 1, extents[i]));
      }
    }
    long elements = 1;
    for (int extent : extents) {
      // Cannot overflow: both factors are below 2^31.
      elements *= extent;
      if (elements > Integer.MAX_VALUE) {
        throw new ModelException(
            "key 'input.shape' is %s: an example has more than %d elements (give smaller extents)"
                .formatted(value, Integer.MAX_VALUE));
      }
    }
    return Shape.of(extents);
  }

  private static void checkKeys(String what, Map<String, Object> object, List<String> known) {
    for (String key : object.keySet()) {
      if (!known.contains(key)) {
        throw new ModelException(Nearest.unknown(what, key, known));
      }
    }
  }

  private static Object required(Map<String, Object> object, String key, String prefix) {
    Object value = object.get(key);
    if (value == null) {
      throw new ModelException("key '%s%s' is missing (add it)".formatted(prefix, key));
    }
    return value;
  }

  private static String stem(Path file) {
    String name = file.toAbsolutePath().normalize().getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  private static Map<String, DataType> inputTypes() {
    Map<String, DataType> types = new LinkedHashMap<>();
    types.put("float32", DataType.FLOAT32);
    types.put("int32", DataType.INT32);
    return types;
  }
}
