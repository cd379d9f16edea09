package dev.tandem.models.layers;

import dev.tandem.datasets.Nearest;
import dev.tandem.models.ModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The keys of one layer in an architecture file. Those that its type has not are errors, before
 * anything is said of those that are missing: a misspelt key is both.
 */
public final class LayerFields {
  private final String layer;
  private final Map<String, Object> values;
  private final TreeSet<String> known = new TreeSet<>(List.of("type", "name"));

  /**
   * Wraps a parsed JSON object.
   *
   * @param layer what errors call the layer
   * @param keys those that its type has beside {@code type} and {@code name}
   * @param values its keys and what they hold
   * @throws ModelException if there is another key
   */
  LayerFields(String layer, List<String> keys, Map<String, Object> values) {
    this.layer = layer;
    this.values = values;
    known.addAll(keys);
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw new ModelException(layer + ": " + Nearest.unknown("key", key, known));
      }
    }
  }

  /** Returns a whole number that must be there. */
  public int integer(String key) {
    return toInteger(key, required(key));
  }

  /** Returns a whole number, or a default if the key is missing. */
  public int integer(String key, int defaultValue) {
    requireDeclared(key);
    return values.containsKey(key) ? toInteger(key, values.get(key)) : defaultValue;
  }

  /** Returns a number that must be there. */
  public double number(String key) {
    return toNumber(key, required(key));
  }

  /** Returns a number, or a default if the key is missing. */
  public double number(String key, double defaultValue) {
    requireDeclared(key);
    return values.containsKey(key) ? toNumber(key, values.get(key)) : defaultValue;
  }

  /** Returns one number for both sides of a picture, or two. */
  public Pair pair(String key) {
    return toPair(key, required(key));
  }

  /** Returns one number for both sides of a picture, or two, or a default if the key is missing. */
  public Pair pair(String key, Pair defaultValue) {
    requireDeclared(key);
    return values.containsKey(key) ? toPair(key, values.get(key)) : defaultValue;
  }

  private Pair toPair(String key, Object value) {
    if (value instanceof List<?> list && list.size() == 2) {
      return new Pair(toInteger(key, list.get(0)), toInteger(key, list.get(1)));
    }
    if (value instanceof Integer both) {
      return Pair.of(both);
    }
    throw wrong(key, value, "a whole number, or [height, width]");
  }

  /** Returns whether a key holds a text. */
  public boolean isText(String key, String text) {
    requireDeclared(key);
    return text.equals(values.get(key));
  }

  /** Returns one of some texts, or a default if the key is missing. */
  public String choice(String key, String defaultValue, List<String> choices) {
    requireDeclared(key);
    Object value = values.getOrDefault(key, defaultValue);
    if (!choices.contains(value)) {
      throw new ModelException(
          "%s: key '%s': %s"
              .formatted(layer, key, Nearest.unknown("value", String.valueOf(value), choices)));
    }
    return (String) value;
  }

  /** Returns true or false, or a default if the key is missing. */
  public boolean flag(String key, boolean defaultValue) {
    requireDeclared(key);
    Object value = values.getOrDefault(key, defaultValue);
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(key, value, "true or false");
  }

  /** Returns a list of objects that must be there. */
  public List<Map<String, Object>> objects(String key) {
    Object value = required(key);
    List<Map<String, Object>> objects = new ArrayList<>();
    if (!(value instanceof List<?> list)) {
      throw wrong(key, value, "a list");
    }
    for (Object element : list) {
      objects.add(object(layer + ", key '" + key + "'", element));
    }
    return objects;
  }

  /** Returns a parsed value as an object with its keys. */
  public static Map<String, Object> object(String where, Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new ModelException("%s: %s is not an object (write {...})".formatted(where, value));
    }
    Map<String, Object> object = new LinkedHashMap<>();
    map.forEach((key, element) -> object.put((String) key, element));
    return object;
  }

  private void requireDeclared(String key) {
    if (!known.contains(key)) {
      throw new IllegalArgumentException(
          "%s asks for key '%s', which its type has not declared".formatted(layer, key));
    }
  }

  private Object required(String key) {
    requireDeclared(key);
    Object value = values.get(key);
    if (value == null) {
      throw new ModelException("%s: key '%s' is missing (add it)".formatted(layer, key));
    }
    return value;
  }

  private int toInteger(String key, Object value) {
    if (value instanceof Integer number) {
      return number;
    }
    throw wrong(key, value, "a whole number");
  }

  private double toNumber(String key, Object value) {
    // JSON has no infinity, but 1e999 is read as one.
    if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
      return number.doubleValue();
    }
    throw wrong(key, value, "a number");
  }

  private ModelException wrong(String key, Object value, String expected) {
    return new ModelException(
        "%s: key '%s' is %s (give %s)".formatted(layer, key, value, expected));
  }
}
