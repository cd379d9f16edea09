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
  /** Reads one type of layer. */
  private interface Reader {
    Layer read(String name, LayerFields fields);
  }

  private static final Map<String, Reader> READERS = new LinkedHashMap<>();

  static {
    READERS.put("linear", Linear::read);
    for (Activation function : Activation.values()) {
      if (function != Activation.IDENTITY) {
        READERS.put(name(function), (name, fields) -> new ActivationLayer(name, function));
      }
    }
    READERS.put("softmax", (name, fields) -> new SoftmaxLayer(name));
    READERS.put("dropout", DropoutLayer::read);
    READERS.put("conv2d", Conv2dLayer::read);
    READERS.put("maxpool2d", Pool2dLayer::readMax);
    READERS.put("avgpool2d", Pool2dLayer::readAverage);
    READERS.put("globalavgpool2d", (name, fields) -> Pool2dLayer.globalAverage(name));
    READERS.put("batchnorm1d", BatchNorm::read1d);
    READERS.put("batchnorm2d", BatchNorm::read2d);
    READERS.put("layernorm", LayerNorm::read);
    READERS.put("embedding", EmbeddingLayer::read);
    for (RecurrentLayer.Kind kind : RecurrentLayer.Kind.values()) {
      READERS.put(kind.type(), (name, fields) -> RecurrentLayer.read(name, kind, fields));
    }
    READERS.put("flatten", (name, fields) -> new Flatten(name));
    READERS.put("residual", LayerTypes::readResidual);
  }

  private LayerTypes() {}

  /** Returns the names of all types. */
  public static List<String> names() {
    return List.copyOf(READERS.keySet());
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
      Reader reader = READERS.get(type);
      if (reader == null) {
        throw new ModelException(
            "layer '%s': %s".formatted(name, Nearest.unknown("type", type, names())));
      }
      LayerFields fields = new LayerFields("layer '%s' (%s)".formatted(name, type), object);
      layers.add(reader.read(name, fields));
      fields.finish();
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
