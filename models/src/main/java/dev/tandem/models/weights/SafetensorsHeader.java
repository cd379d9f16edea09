package dev.tandem.models.weights;

import static dev.tandem.models.weights.WeightsException.quote;

import dev.tandem.models.weights.TensorEntry.ElementType;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * The JSON header of a safetensors file, checked against the bytes that follow it. Read token by
 * token: a tree of a hostile header would be many times its size.
 */
final class SafetensorsHeader {
  static final String METADATA = "__metadata__";

  /** No known framework goes beyond it (NumPy's limit is 64, PyTorch's operators stop at 25). */
  private static final int MAX_RANK = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(4).build())
          .build();

  private final Path file;
  private final long dataBytes;
  private final List<TensorEntry> entries = new ArrayList<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private SafetensorsHeader(Path file, long dataBytes) {
    this.file = file;
    this.dataBytes = dataBytes;
  }

  /**
   * Reads the header and checks every entry, and that together they cover the data exactly once.
   *
   * @param dataBytes bytes in the file after the header
   */
  static SafetensorsHeader parse(Path file, byte[] json, long dataBytes) {
    if (json.length == 0 || json[0] != '{') {
      throw new WeightsException(
          file,
          "its header does not start with '{'",
          "is it a safetensors file? " + Safetensors.REMEDY);
    }
    SafetensorsHeader header = new SafetensorsHeader(file, dataBytes);
    // A decoder of our own refuses bytes that are not UTF-8; Jackson would guess other encodings.
    try (JsonParser parser =
        JSON.createParser(
            ObjectReadContext.empty(),
            new InputStreamReader(
                new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder()))) {
      header.readEntries(parser);
    } catch (JacksonException e) {
      throw new WeightsException(
          file,
          "its header is not valid JSON: " + quote(e.getOriginalMessage()),
          Safetensors.REMEDY,
          e);
    }
    header.requireExactCover();
    return header;
  }

  /** The tensors in the order of the header. */
  List<TensorEntry> entries() {
    return entries;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  private void readEntries(JsonParser parser) {
    parser.nextToken();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw refuse(quote(name) + " in its header is not an object");
      }
      if (name.equals(METADATA)) {
        readMetadata(parser);
      } else {
        entries.add(readEntry(parser, name));
      }
    }
    if (parser.nextToken() != null) {
      throw refuse("text follows the end of its header");
    }
  }

  private void readMetadata(JsonParser parser) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw refuse(METADATA + " " + quote(key) + " is not a string");
      }
      metadata.put(key, parser.getString());
    }
  }

  private TensorEntry readEntry(JsonParser parser, String name) {
    ElementType type = null;
    long[] shape = null;
    long[] offsets = null;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "dtype" -> type = readType(parser, name);
        case "shape" -> shape = readNumbers(parser, name, key);
        case "data_offsets" -> offsets = readNumbers(parser, name, key);
        default -> throw refuse("tensor " + quote(name) + " has the unknown key " + quote(key));
      }
    }
    if (type == null || shape == null || offsets == null) {
      throw refuse("tensor " + quote(name) + " lacks dtype, shape or data_offsets");
    }
    return check(name, type, shape, offsets);
  }

  private ElementType readType(JsonParser parser, String name) {
    String text = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : null;
    return Arrays.stream(ElementType.values())
        .filter(type -> type.name().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new WeightsException(
                    file,
                    "tensor " + quote(name) + " has the dtype " + quote(String.valueOf(text)),
                    "save it as one of " + Arrays.toString(ElementType.values())));
  }

  private long[] readNumbers(JsonParser parser, String name, String key) {
    long[] numbers = new long[MAX_RANK];
    int count = 0;
    boolean valid = parser.currentToken() == JsonToken.START_ARRAY;
    while (valid && parser.nextToken() != JsonToken.END_ARRAY) {
      valid =
          count < MAX_RANK
              && parser.currentToken() == JsonToken.VALUE_NUMBER_INT
              && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
              && parser.getLongValue() >= 0;
      if (valid) {
        numbers[count++] = parser.getLongValue();
      }
    }
    if (!valid) {
      throw refuse(
          key
              + " of tensor "
              + quote(name)
              + " is not a list of at most "
              + MAX_RANK
              + " whole numbers from 0 to 2^63-1");
    }
    return Arrays.copyOf(numbers, count);
  }

  private TensorEntry check(String name, ElementType type, long[] shape, long[] offsets) {
    if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > dataBytes) {
      throw refuse(
          "data_offsets "
              + Arrays.toString(offsets)
              + " of tensor "
              + quote(name)
              + " are not a begin and an end within the file's "
              + dataBytes
              + " bytes of data");
    }
    long bytes = offsets[1] - offsets[0];
    if (byteCount(type, shape) != bytes) {
      throw refuse(
          "tensor "
              + quote(name)
              + " of "
              + type
              + " "
              + Arrays.toString(shape)
              + " does not fit its "
              + bytes
              + " bytes");
    }
    int[] extents = new int[shape.length];
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] > Integer.MAX_VALUE) {
        throw tooLarge(name, shape);
      }
      extents[axis] = (int) shape[axis];
    }
    if (bytes / type.bytes > Integer.MAX_VALUE - 8) {
      throw tooLarge(name, shape);
    }
    return new TensorEntry(name, type, extents, offsets[0], offsets[1]);
  }

  /** The size of such a tensor, or -1 if it exceeds what a long can count. */
  private static long byteCount(ElementType type, long[] shape) {
    long bytes = type.bytes;
    if (Arrays.stream(shape).anyMatch(extent -> extent == 0)) {
      return 0;
    }
    for (long extent : shape) {
      if (Math.multiplyHigh(bytes, extent) != 0 || bytes * extent < 0) {
        return -1;
      }
      bytes *= extent;
    }
    return bytes;
  }

  private void requireExactCover() {
    List<TensorEntry> ordered = new ArrayList<>(entries);
    ordered.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
    long covered = 0;
    for (TensorEntry entry : ordered) {
      if (entry.begin() != covered) {
        throw refuse(
            "tensor "
                + quote(entry.name())
                + " begins at byte "
                + entry.begin()
                + (entry.begin() < covered ? ", inside the one before it" : ", after a gap")
                + ", not at "
                + covered);
      }
      covered = entry.end();
    }
    if (covered != dataBytes) {
      throw refuse("its tensors end at byte " + covered + " of " + dataBytes + " bytes of data");
    }
  }

  private WeightsException tooLarge(String name, long[] shape) {
    return new WeightsException(
        file,
        "tensor " + quote(name) + " " + Arrays.toString(shape) + " is larger than a Java array",
        "split it into tensors of less than 2^31 elements");
  }

  private WeightsException refuse(String problem) {
    return new WeightsException(file, problem, Safetensors.REMEDY);
  }
}
