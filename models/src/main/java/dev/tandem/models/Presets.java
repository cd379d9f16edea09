package dev.tandem.models;

import dev.tandem.datasets.Nearest;
import dev.tandem.engine.DataType;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.training.OptimizerSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
   * @param bidirectional whether recurrent layers also read from the end
   */
  public record Options(
      OptionalInt hidden,
      OptionalInt layers,
      OptionalDouble dropout,
      Optional<Boolean> bidirectional) {
    /** Nothing chosen. */
    public static final Options NONE =
        new Options(
            OptionalInt.empty(), OptionalInt.empty(), OptionalDouble.empty(), Optional.empty());

    /** Returns options where everything is chosen that every network with hidden layers has. */
    public static Options of(int hidden, int layers, double dropout) {
      return new Options(
          OptionalInt.of(hidden),
          OptionalInt.of(layers),
          OptionalDouble.of(dropout),
          Optional.empty());
    }

    /** Returns these options with a choice of directions. */
    Options withBidirectional(boolean choice) {
      return new Options(hidden, layers, dropout, Optional.of(choice));
    }
  }

  /**
   * What a network is made for.
   *
   * @param input the shape of one example
   * @param type FLOAT32, or INT32 for token ids
   * @param vocabulary how many ids there are; 0 for numbers
   * @param outputs the number of outputs: classes, or values to predict; at least 1
   */
  public record Data(Shape input, DataType type, int vocabulary, int outputs) {}

  /**
   * How a preset is trained where nothing else is asked for.
   *
   * @param optimizer the update rule; the learning rate goes to 0 along a cosine
   * @param epochs passes over the training part
   * @param batchSize examples of a step
   * @param clipNorm the largest norm of the gradients; positive infinity for no limit
   */
  public record Training(OptimizerSettings optimizer, int epochs, int batchSize, double clipNorm) {}

  /** What a preset can see of an example. */
  private enum Takes {
    /** All of it as one row of numbers. */
    ANYTHING("anything"),
    /** Pictures {@code [C,H,W]}. */
    PICTURES("pictures [C,H,W]"),
    /** Sequences of numbers {@code [T,I]} or of tokens {@code [T]}. */
    SEQUENCES("sequences [T,I]");

    private final String text;

    Takes(String text) {
      this.text = text;
    }

    boolean takes(Data data) {
      int rank = data.input().rank();
      return switch (this) {
        case ANYTHING -> true;
        case PICTURES -> rank == 3;
        case SEQUENCES -> rank == (data.type() == DataType.INT32 ? 1 : 2);
      };
    }
  }

  /** Adds a preset's layers. */
  interface Recipe {
    void add(Network.Builder network, Data data, Options options);
  }

  /** A network by name. */
  public static final class Preset {
    private final String name;
    private final String description;
    private final Takes takes;
    private final Options defaults;
    private final Training training;
    private final Recipe recipe;

    private Preset(
        String name,
        String description,
        Takes takes,
        Options defaults,
        Training training,
        Recipe recipe) {
      this.name = name;
      this.description = description;
      this.takes = takes;
      this.defaults = defaults;
      this.training = training;
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

    /** Returns how it is trained where nothing else is asked for. */
    public Training training() {
      return training;
    }

    /** Returns whether it has recurrent layers, and so reads sequences. */
    public boolean readsSequences() {
      return takes == Takes.SEQUENCES;
    }

    /**
     * Builds the network.
     *
     * @param data what it is made for
     * @param chosen what differs from the defaults
     * @throws ModelException if something is chosen that this preset has not, or is out of range,
     *     or the data does not suit it
     */
    public Network build(Data data, Options chosen) {
      check(chosen);
      if (!takes.takes(data)) {
        throw error(
            "it takes %s, but examples are %s (use --model ann, which takes any shape of numbers)",
            takes.text, data.input());
      }
      Options options = complete(chosen);
      Network.Builder network =
          data.type() == DataType.INT32
              ? Network.tokenBuilder(name, data.input())
              : Network.builder(name, data.input());
      recipe.add(network, data, options);
      return network.build();
    }

    private Options complete(Options chosen) {
      return new Options(
          chosen.hidden().isPresent() ? chosen.hidden() : defaults.hidden(),
          chosen.layers().isPresent() ? chosen.layers() : defaults.layers(),
          chosen.dropout().isPresent() ? chosen.dropout() : defaults.dropout(),
          chosen.bidirectional().or(defaults::bidirectional));
    }

    /**
     * Checks a choice, whatever the data.
     *
     * @throws ModelException if something is chosen that this preset has not, or is out of range
     */
    public void check(Options options) {
      check("hidden", options.hidden().isPresent(), defaults.hidden().isPresent());
      check("layers", options.layers().isPresent(), defaults.layers().isPresent());
      check("dropout", options.dropout().isPresent(), defaults.dropout().isPresent());
      check(
          "bidirectional",
          options.bidirectional().orElse(false),
          defaults.bidirectional().isPresent());
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

  // Chosen on five data sets, see docs/decisions.md.
  private static final Training TABLES = training(0.003, 0.3, 100, 32, Double.POSITIVE_INFINITY);
  private static final Training PICTURES = training(0.003, 0.05, 20, 64, Double.POSITIVE_INFINITY);
  private static final Training DETECTION = training(0.003, 0.05, 12, 16, Double.POSITIVE_INFINITY);
  private static final Training SEQUENCES = training(0.003, 0.01, 20, 64, 1);

  static {
    add(
        "perceptron",
        "one linear layer: logistic or linear regression",
        Takes.ANYTHING,
        Options.NONE,
        TABLES,
        (network, data, options) -> network.flatten().linear(data.outputs()));
    add(
        "ann",
        "fully connected layers with relu and dropout",
        Takes.ANYTHING,
        Options.of(128, 2, 0),
        TABLES,
        PictureNetworks::ann);
    add(
        "cnn",
        "two convolutions with relu and pooling, and a fully connected layer",
        Takes.PICTURES,
        Options.of(128, 2, 0.25),
        PICTURES,
        PictureNetworks::cnn);
    add(
        "lenet",
        "LeNet-5 (LeCun et al. 1998), for pictures of 28x28 or so",
        Takes.PICTURES,
        Options.NONE,
        PICTURES,
        (network, data, options) -> PictureNetworks.lenet(network, data));
    add(
        "deep-cnn",
        "stages of convolutions with batch norm and residual joins, then the global average",
        Takes.PICTURES,
        Options.of(32, 2, 0.1),
        PICTURES,
        PictureNetworks::deepCnn);
    add(
        "detector",
        "where things are in a picture, and which: convolutions down to a grid of cells that answer",
        Takes.PICTURES,
        Options.of(16, 3, 0),
        DETECTION,
        PictureNetworks::detector);
    for (RecurrentCell cell :
        List.of(RecurrentCell.RNN_TANH, RecurrentCell.LSTM, RecurrentCell.GRU)) {
      String kind = cell == RecurrentCell.RNN_TANH ? "rnn" : cell.name().toLowerCase(Locale.ROOT);
      add(
          kind,
          "a layer of %s cells that reads a sequence".formatted(kind),
          Takes.SEQUENCES,
          sequences(64, 1, 0),
          SEQUENCES,
          SequenceNetworks.last(cell));
      add(
          "deep-" + kind,
          "three layers of %s cells on each other, with dropout between them".formatted(kind),
          Takes.SEQUENCES,
          sequences(64, 3, 0.2),
          SEQUENCES,
          SequenceNetworks.last(cell));
    }
    add(
        "bi-lstm",
        "a layer of lstm cells that reads a sequence from both ends",
        Takes.SEQUENCES,
        sequences(64, 1, 0.2).withBidirectional(true),
        SEQUENCES,
        SequenceNetworks.last(RecurrentCell.LSTM));
    add(
        "tagger",
        "a class for each word of a sentence, by lstm cells that read it from both ends",
        Takes.SEQUENCES,
        sequences(128, 1, 0.5).withBidirectional(true),
        SEQUENCES,
        SequenceNetworks.everyStep(RecurrentCell.LSTM));
    add(
        "char-lm",
        "the next character of a text, by lstm cells",
        Takes.SEQUENCES,
        sequences(256, 1, 0),
        SEQUENCES,
        SequenceNetworks.everyStep(RecurrentCell.LSTM));
    add(
        "word-lm",
        "the next word of a text, by lstm cells",
        Takes.SEQUENCES,
        sequences(256, 1, 0.3),
        SEQUENCES,
        SequenceNetworks.everyStep(RecurrentCell.LSTM));
  }

  private static Training training(
      double rate, double decay, int epochs, int batchSize, double clipNorm) {
    return new Training(
        new OptimizerSettings(OptimizerSettings.Kind.ADAMW, rate, 0, false, decay),
        epochs,
        batchSize,
        clipNorm);
  }

  private static Options sequences(int hidden, int layers, double dropout) {
    return Options.of(hidden, layers, dropout).withBidirectional(false);
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

  private static void add(
      String name,
      String description,
      Takes takes,
      Options defaults,
      Training training,
      Recipe recipe) {
    PRESETS.put(name, new Preset(name, description, takes, defaults, training, recipe));
  }
}
