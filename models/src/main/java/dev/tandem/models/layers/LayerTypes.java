package dev.tandem.models.layers;

import dev.tandem.datasets.Nearest;
import dev.tandem.engine.Activation;
import dev.tandem.models.ModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The layer types of architecture files: the one list of them, reading and writing. */
public final class LayerTypes {
  /** Makes a layer of one type. */
  private interface Reader {
    Layer read(String name, LayerFields fields);
  }

  /**
   * A type of layer.
   *
   * @param keys what it has beside {@code type} and {@code name}
   */
  private record Type(List<String> keys, Reader reader) {}

  private static final Map<String, Type> TYPES = new LinkedHashMap<>();

  static {
    add("linear", Linear::read, "units", "bias");
    for (Activation function : Activation.values()) {
      if (function != Activation.IDENTITY) {
        add(name(function), (name, fields) -> new ActivationLayer(name, function));
      }
    }
    add("softmax", (name, fields) -> new SoftmaxLayer(name));
    add("dropout", DropoutLayer::read, "rate");
    add(
        "conv2d",
        Conv2dLayer::read,
        "filters",
        "kernel",
        "stride",
        "padding",
        "dilation",
        "groups",
        "bias");
    add("maxpool2d", Pool2dLayer::readMax, "kernel", "stride", "padding");
    add("avgpool2d", Pool2dLayer::readAverage, "kernel", "stride", "padding", "countIncludePad");
    add("globalavgpool2d", (name, fields) -> Pool2dLayer.globalAverage(name));
    add("batchnorm1d", BatchNorm::read1d, "momentum", "epsilon");
    add("batchnorm2d", BatchNorm::read2d, "momentum", "epsilon");
    add("layernorm", LayerNorm::read, "epsilon");
    add("embedding", EmbeddingLayer::read, "vocabulary", "dimension", "paddingIndex");
    for (RecurrentLayer.Kind kind : RecurrentLayer.Kind.values()) {
      List<String> keys =
          new ArrayList<>(List.of("hiddenSize", "layers", "bidirectional", "dropout", "return"));
      if (kind == RecurrentLayer.Kind.RNN) {
        keys.add("nonlinearity");
      }
      TYPES.put(
          kind.type(), new Type(keys, (name, fields) -> RecurrentLayer.read(name, kind, fields)));
    }
    add("flatten", (name, fields) -> new Flatten(name));
    add("residual", LayerTypes::readResidual, "layers");
  }

  private static void add(String type, Reader reader, String... keys) {
    TYPES.put(type, new Type(List.of(keys), reader));
  }

  private LayerTypes() {}

  /** Returns the names of all types. */
  public static List<String> names() {
    return List.copyOf(TYPES.keySet());
  }

  /** Returns what an architecture file calls an activation. */
  static String name(Activation function) {
    return function.name().toLowerCase(Locale.ROOT).replace("_", "");
  }

  /**
   * Reads layers.
   *
   * @param prefix what comes before the names of these layers: nothing, or {@code block.} within a
   *     named block, as PyTorch names the parameters of nested modules
   * @param objects the parsed JSON objects
   */
  public static List<Layer> read(String prefix, List<Map<String, Object>> objects) {
    List<Layer> layers = new ArrayList<>();
    Map<String, Integer> ofType = new HashMap<>();
    for (Map<String, Object> object : objects) {
      String type = text(object, "type", "layer " + (layers.size() + 1));
      int number = ofType.merge(type, 1, Integer::sum);
      boolean named = object.get("name") != null;
      String name =
          prefix + (named ? text(object, "name", "layer " + (layers.size() + 1)) : type + number);
      Type known = TYPES.get(type);
      if (known == null) {
        throw new ModelException(
            "layer '%s': %s".formatted(name, Nearest.unknown("type", type, names())));
      }
      LayerFields fields =
          new LayerFields("layer '%s' (%s)".formatted(name, type), known.keys(), object);
      layers.add(known.reader().read(name, fields));
    }
    return layers;
  }

  /** Returns a layer as the JSON object that {@link #read} takes. */
  public static Map<String, Object> write(String prefix, Layer layer) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("type", layer.type());
    object.put("name", layer.name().substring(prefix.length()));
    if (layer instanceof Residual block) {
      object.put(
          "layers",
          block.layers().stream().map(inner -> write(block.name() + ".", inner)).toList());
    } else {
      object.putAll(layer.settings());
    }
    return object;
  }

  private static Layer readResidual(String name, LayerFields fields) {
    return new Residual(name, read(name + ".", fields.objects("layers")));
  }

  private static String text(Map<String, Object> object, String key, String where) {
    Object value = object.get(key);
    if (value instanceof String text && !text.isBlank()) {
      return text;
    }
    throw new ModelException(
        "%s: key '%s' is %s (give a text)"
            .formatted(where, key, value == null ? "missing" : value));
  }
}
