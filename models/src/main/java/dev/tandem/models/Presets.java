package dev.tandem.models;

import dev.tandem.datasets.Nearest;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** The networks that can be had by name: the one list of them. */
public final class Presets {
  // More layers than any plain stack of them can train; a bound on what a mistyped number builds.
  private static final int MAXIMUM_LAYERS = 1000;

  /**
   * What a user may choose of a preset; empty where nothing was chosen.
   *
   * @param hidden the width of hidden layers, at least 1
   * @param layers the number of hidden layers, 1 to 1000
   * @param dropout the rate of dropout, in [0,1)
   */
  public record Options(OptionalInt hidden, OptionalInt layers, OptionalDouble dropout) {
    /** Nothing chosen. */
    public static final Options NONE =
        new Options(OptionalInt.empty(), OptionalInt.empty(), OptionalDouble.empty());

    /** Returns options where everything is chosen. */
    public static Options of(int hidden, int layers, double dropout) {
      return new Options(
          OptionalInt.of(hidden), OptionalInt.of(layers), OptionalDouble.of(dropout));
    }
  }

  /** Adds a preset's layers. */
  private interface Recipe {
    void add(Network.Builder network, int outputs, Options options);
  }

  /** A network by name. */
  public static final class Preset {
    private final String name;
    private final String description;
    private final Options defaults;
    private final Recipe recipe;

    private Preset(String name, String description, Options defaults, Recipe recipe) {
      this.name = name;
      this.description = description;
      this.defaults = defaults;
      this.recipe = recipe;
    }

    /** Returns the name. */
    public String name() {
      return name;
    }

    /** Returns one line on what it is. */
    public String description() {
      return description;
    }

    /** Returns what is taken where nothing is chosen; empty where there is nothing to choose. */
    public Options defaults() {
      return defaults;
    }

    /**
     * Builds the network.
     *
     * @param input the shape of one example
     * @param inputType FLOAT32, or INT32 for token ids
     * @param outputs the number of outputs: classes, or values to predict; at least 1
     * @param chosen what differs from the defaults
     * @throws ModelException if something is chosen that this preset has not, or is out of range
     */
    public Network build(Shape input, DataType inputType, int outputs, Options chosen) {
      Options options = complete(chosen);
      Network.Builder network =
          inputType == DataType.INT32
              ? Network.tokenBuilder(name, input)
              : Network.builder(name, input);
      recipe.add(network, outputs, options);
      return network.build();
    }

    private Options complete(Options chosen) {
      check("hidden", chosen.hidden().isPresent(), defaults.hidden().isPresent());
      check("layers", chosen.layers().isPresent(), defaults.layers().isPresent());
      check("dropout", chosen.dropout().isPresent(), defaults.dropout().isPresent());
      Options options =
          new Options(
              chosen.hidden().isPresent() ? chosen.hidden() : defaults.hidden(),
              chosen.layers().isPresent() ? chosen.layers() : defaults.layers(),
              chosen.dropout().isPresent() ? chosen.dropout() : defaults.dropout());
      if (options.hidden().orElse(1) < 1) {
        throw error("hidden is %d (give 1 or more)", options.hidden().getAsInt());
      }
      int layers = options.layers().orElse(1);
      if (layers < 1 || layers > MAXIMUM_LAYERS) {
        throw error("layers is %d (give a number from 1 to %d)", layers, MAXIMUM_LAYERS);
      }
      double dropout = options.dropout().orElse(0);
      if (!(dropout >= 0 && dropout < 1)) {
        throw error("dropout is %s (give a number from 0 to below 1)", dropout);
      }
      return options;
    }

    private void check(String option, boolean chosen, boolean has) {
      if (chosen && !has) {
        throw error("it has no option '%s' (leave it out)", option);
      }
    }

    private ModelException error(String message, Object... values) {
      return new ModelException("preset '%s': ".formatted(name) + message.formatted(values));
    }
  }

  private static final Map<String, Preset> PRESETS = new LinkedHashMap<>();

  static {
    add(
        new Preset(
            "perceptron",
            "one linear layer: logistic or linear regression",
            Options.NONE,
            (network, outputs, options) -> network.flatten().linear(outputs)));
    add(
        new Preset(
            "ann",
            "fully connected layers with relu and dropout",
            Options.of(128, 2, 0),
            Presets::ann));
  }

  private Presets() {}

  /** Returns all presets. */
  public static List<Preset> all() {
    return List.copyOf(PRESETS.values());
  }

  /** Returns the names of all presets. */
  public static List<String> names() {
    return List.copyOf(PRESETS.keySet());
  }

  /**
   * Returns a preset.
   *
   * @throws ModelException if there is none of this name
   */
  public static Preset get(String name) {
    Preset preset = PRESETS.get(name);
    if (preset == null) {
      throw new ModelException(Nearest.unknown("preset", name, names()));
    }
    return preset;
  }

  private static void add(Preset preset) {
    PRESETS.put(preset.name, preset);
  }

  private static void ann(Network.Builder network, int outputs, Options options) {
    network.flatten();
    for (int i = 0; i < options.layers().getAsInt(); i++) {
      network.linear(options.hidden().getAsInt()).relu().dropout(options.dropout().getAsDouble());
    }
    network.linear(outputs);
  }
}
