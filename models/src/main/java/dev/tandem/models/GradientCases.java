package dev.tandem.models;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Backend;
import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Losses;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.layers.Conv2dLayer;
import dev.tandem.models.layers.EmbeddingLayer;
import dev.tandem.models.layers.Flatten;
import dev.tandem.models.layers.Linear;
import dev.tandem.models.layers.Pair;
import dev.tandem.models.layers.Pool2dLayer;
import dev.tandem.models.layers.RecurrentLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** What {@link GradientCheck} checks: every layer type, preset and loss. */
public final class GradientCases {
  private static final int BATCH = 4;

  /** What is differentiated. */
  public enum Loss {
    /** {@code sum(y r)} with a random r: every element of the output has its own weight. */
    PROJECTION,
    /** Softmax and cross-entropy. */
    CCE,
    /** Softmax and cross-entropy with label smoothing 0.1, label 0 being ignored. */
    CCE_SMOOTHED,
    /** Binary cross-entropy of logits. */
    BCE,
    /** Squared error. */
    MSE,
    /** Absolute error. */
    MAE,
    /** Huber's loss with delta 0.5, so that both of its branches occur. */
    HUBER;

    boolean takesLabels() {
      return this == CCE || this == CCE_SMOOTHED;
    }

    double smallestTarget() {
      return this == BCE ? 0 : -1;
    }

    /** Writes the loss and, unless it is null, its gradient. */
    void compute(Backend backend, Tensor output, Tensor target, Tensor loss, Tensor gradient) {
      Losses losses = backend.losses();
      switch (this) {
        case PROJECTION -> project(backend, output, target, loss, gradient);
        case CCE ->
            losses.softmaxCrossEntropy(
                CrossEntropySpec.PLAIN, output, target, null, loss, gradient);
        case CCE_SMOOTHED ->
            losses.softmaxCrossEntropy(
                new CrossEntropySpec(0, 0.1), output, target, null, loss, gradient);
        case BCE ->
            losses.pointwise(Losses.Pointwise.SIGMOID_BCE, 0, output, target, null, loss, gradient);
        case MSE -> losses.pointwise(Losses.Pointwise.MSE, 0, output, target, null, loss, gradient);
        case MAE -> losses.pointwise(Losses.Pointwise.MAE, 0, output, target, null, loss, gradient);
        case HUBER ->
            losses.pointwise(Losses.Pointwise.HUBER, 0.5, output, target, null, loss, gradient);
      }
    }

    private static void project(
        Backend backend, Tensor output, Tensor weights, Tensor loss, Tensor gradient) {
      double[] y = new double[Math.toIntExact(output.elements())];
      double[] r = new double[y.length];
      backend.transfers().download(output, y, 0);
      backend.transfers().download(weights, r, 0);
      double sum = 0;
      for (int i = 0; i < y.length; i++) {
        sum += y[i] * r[i];
      }
      backend.transfers().upload(new double[] {sum, 1}, 0, loss);
      if (gradient != null) {
        backend.transfers().copy(weights, gradient);
      }
    }
  }

  /**
   * One check.
   *
   * @param name what the table calls it
   * @param network what is checked
   * @param batch the number of examples
   * @param loss what is differentiated
   */
  public record Case(String name, Network network, int batch, Loss loss) {}

  private GradientCases() {}

  /** Returns all cases, layers first. */
  public static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    addLayers(cases);
    addActivations(cases);
    addPictures(cases);
    addSequences(cases);
    addPresets(cases);
    return cases;
  }

  private static void addLayers(List<Case> cases) {
    add(cases, "linear", Shape.of(5), network -> network.linear(3));
    add(cases, "linear on [T,F]", Shape.of(3, 5), network -> network.linear(4).linear(2));
    add(
        cases,
        "linear without bias",
        Shape.of(5),
        network -> network.add(new Linear("fc1", 4, false)).tanh().linear(2));
    add(cases, "flatten", Shape.of(2, 3, 4), network -> network.flatten().linear(3));
    add(cases, "flatten behind linear", Shape.of(3, 4), network -> network.linear(2).flatten());
    add(cases, "softmax", Shape.of(5), network -> network.linear(4).softmax());
    add(cases, "softmax on [T,F]", Shape.of(3, 5), network -> network.softmax().linear(2));
    add(cases, "dropout", Shape.of(6), network -> network.linear(8).dropout(0.4).linear(3));
    add(cases, "dropout, twice", Shape.of(9), network -> network.dropout(0.3).dropout(0.3));
    add(cases, "batchnorm1d on [C]", Shape.of(5), network -> network.batchNorm1d().linear(3));
    add(cases, "batchnorm1d behind linear", Shape.of(5), n -> n.linear(4).batchNorm1d().tanh());
    add(cases, "batchnorm1d on [C,L]", Shape.of(3, 4), network -> network.batchNorm1d());
    add(cases, "layernorm on [F]", Shape.of(6), network -> network.layerNorm().linear(3));
    add(cases, "layernorm on [T,F]", Shape.of(3, 5), network -> network.linear(4).layerNorm());
    // 24 tokens out of 5: every id is repeated.
    addTokens(cases, "embedding", network -> network.embedding(5, 3).linear(2));
    addTokens(
        cases,
        "embedding with padding",
        network -> network.add(new EmbeddingLayer("emb1", 5, 3, 2)).flatten().linear(2));
    add(
        cases,
        "residual",
        Shape.of(5),
        network -> network.residual(block -> block.linear(4).tanh().linear(5)).linear(2));
    add(
        cases,
        "residual, nested",
        Shape.of(3, 4),
        network ->
            network.residual(
                outer ->
                    outer
                        .layerNorm()
                        .residual(inner -> inner.linear(6).activation(Activation.GELU).linear(4))
                        .dropout(0.2)));
    add(
        cases,
        "residual of a flatten",
        Shape.of(4),
        network -> network.residual(block -> block.add(new Flatten("block1.flatten1"))).linear(2));
  }

  private static void addActivations(List<Case> cases) {
    for (Activation function : Activation.values()) {
      if (function != Activation.IDENTITY) {
        String name = function.name().toLowerCase(Locale.ROOT).replace("_", "");
        add(cases, name, Shape.of(3, 4), network -> network.activation(function));
        add(
            cases,
            name + " behind linear",
            Shape.of(5),
            network -> network.linear(6).activation(function).linear(3));
      }
    }
  }

  /** Every preset; with every loss one of them, since losses do not know what is before them. */
  private static void addPresets(List<Case> cases) {
    for (Presets.Preset preset : Presets.all()) {
      for (Loss loss : Loss.values()) {
        if (loss == Loss.PROJECTION || preset.name().equals("ann")) {
          cases.add(
              new Case(
                  "preset " + preset.name() + ", " + loss.name().toLowerCase(Locale.ROOT),
                  preset.build(data(preset), small(preset)),
                  BATCH,
                  loss));
        }
      }
    }
  }

  private static Presets.Options small(Presets.Preset preset) {
    if (preset.defaults().hidden().isEmpty()) {
      return Presets.Options.NONE;
    }
    // Convolutions by their definition take their time.
    int width = preset.readsSequences() || preset.name().equals("ann") ? 8 : 3;
    return Presets.Options.of(width, 2, 0.2);
  }

  /** What a preset is made for, as small as it goes. */
  private static Presets.Data data(Presets.Preset preset) {
    Shape input =
        preset.readsSequences()
            ? Shape.of(4, 3)
            : preset.name().endsWith("ann") || preset.name().equals("perceptron")
                ? Shape.of(2, 3)
                : pictures(preset);
    return new Presets.Data(input, DataType.FLOAT32, 0, 3);
  }

  private static Shape pictures(Presets.Preset preset) {
    return switch (preset.name()) {
      case "lenet" -> Shape.of(1, 12, 14);
      case "detector" -> Shape.of(1, 16, 16);
      default -> Shape.of(1, 8, 9);
    };
  }

  private static void addPictures(List<Case> cases) {
    Shape input = Shape.of(2, 6, 5);
    add(cases, "conv2d", input, network -> network.conv2d(3, 3));
    add(
        cases,
        "conv2d, stride 2, dilation, groups",
        input,
        network ->
            network.conv2d(
                new Conv2dLayer.Settings(
                    4, new Pair(2, 3), Pair.of(2), new Pair(1, 2), new Pair(2, 1), 2, true)));
    add(
        cases,
        "conv2d behind conv2d, with tanh",
        input,
        network -> network.conv2d(3, 1).tanh().conv2d(2, 3).tanh());
    add(cases, "maxpool2d", input, network -> network.conv2d(3, 3).maxPool2d(2));
    add(
        cases,
        "maxpool2d behind conv2d with tanh, overlapping",
        input,
        network ->
            network
                .conv2d(3, 3)
                .tanh()
                .add(
                    new Pool2dLayer(
                        "pool1", Pool2dSpec.Mode.MAX, Pair.of(3), Pair.of(2), Pair.of(1), true)));
    add(
        cases,
        "maxpool2d behind tanh alone",
        input,
        network -> network.conv2d(3, 3).batchNorm2d().tanh().maxPool2d(2).linear(2));
    add(
        cases,
        "maxpool2d behind linear with tanh",
        input,
        network -> network.linear(6).tanh().maxPool2d(2));
    add(
        cases,
        "avgpool2d",
        input,
        network ->
            network
                .conv2d(3, 3)
                .add(
                    new Pool2dLayer(
                        "pool",
                        Pool2dSpec.Mode.AVERAGE,
                        Pair.of(3),
                        Pair.of(2),
                        Pair.of(1),
                        false)));
    add(
        cases,
        "globalavgpool2d",
        input,
        network -> network.conv2d(3, 3).globalAveragePool2d().linear(2));
    add(cases, "batchnorm2d", input, network -> network.conv2d(3, 3).batchNorm2d().conv2d(2, 3));
  }

  private static void addSequences(List<Case> cases) {
    for (RecurrentCell cell : RecurrentCell.values()) {
      for (boolean sequence : new boolean[] {true, false}) {
        String name = cell.name().toLowerCase(Locale.ROOT) + (sequence ? ", sequence" : ", last");
        add(
            cases,
            name,
            Shape.of(5, 3),
            network ->
                network.recurrent(new RecurrentLayer.Settings(cell, 4, 1, false, 0, sequence)));
        add(
            cases,
            name + ", two layers, both directions, dropout",
            Shape.of(5, 3),
            network ->
                network
                    .linear(4)
                    .recurrent(new RecurrentLayer.Settings(cell, 3, 2, true, 0.3, sequence))
                    .linear(2));
      }
    }
  }

  private static void add(
      List<Case> cases, String name, Shape input, UnaryOperator<Network.Builder> layers) {
    Network network = layers.apply(Network.builder(name, input)).build();
    cases.add(new Case(name, network, BATCH, Loss.PROJECTION));
  }

  private static void addTokens(
      List<Case> cases, String name, UnaryOperator<Network.Builder> layers) {
    Network network = layers.apply(Network.tokenBuilder(name, Shape.of(6))).build();
    cases.add(new Case(name, network, BATCH, Loss.PROJECTION));
  }
}
