package dev.tandem.models;

import dev.tandem.datasets.detection.GridEncoding;
import dev.tandem.engine.Activation;
import dev.tandem.engine.Shape;
import dev.tandem.models.Presets.Data;
import dev.tandem.models.Presets.Options;
import dev.tandem.models.layers.Conv2dLayer;

/** The layers of the presets that see an example as a whole. */
final class PictureNetworks {
  /** From this side on a detector's cells have 16 pixels. */
  private static final int LARGE_PICTURE = 128;

  /** Things whose centres a cell can hold. */
  private static final int SLOTS = 1;

  private PictureNetworks() {}

  static void ann(Network.Builder network, Data data, Options options) {
    network.flatten();
    for (int i = 0; i < options.layers().getAsInt(); i++) {
      network.linear(options.hidden().getAsInt()).relu().dropout(options.dropout().getAsDouble());
    }
    network.linear(data.outputs());
  }

  /** Each convolution has twice the filters of the one before it, and halves the picture. */
  static void cnn(Network.Builder network, Data data, Options options) {
    int filters = 32;
    for (int i = 0; i < options.layers().getAsInt(); i++) {
      halved(network.conv2d(filters, 3).relu());
      filters *= 2;
    }
    network
        .flatten()
        .linear(options.hidden().getAsInt())
        .relu()
        .dropout(options.dropout().getAsDouble())
        .linear(data.outputs());
  }

  /** LeCun et al. 1998, figure 2, with largest values in place of learnt means. */
  static void lenet(Network.Builder network, Data data) {
    network
        .conv2d(Conv2dLayer.Settings.same(6, 5))
        .activation(Activation.TANH)
        .maxPool2d(2)
        .conv2d(Conv2dLayer.Settings.same(16, 5).with(1, 0))
        .activation(Activation.TANH)
        .maxPool2d(2)
        .flatten()
        .linear(120)
        .tanh()
        .linear(84)
        .tanh()
        .linear(data.outputs());
  }

  /**
   * A convolution of the picture, then stages that each halve it, double the channels and add a
   * residual block of two convolutions (He et al. 2016).
   */
  static void deepCnn(Network.Builder network, Data data, Options options) {
    int channels = options.hidden().getAsInt();
    normalized(network, channels, 3).relu();
    for (int stage = 0; stage < options.layers().getAsInt(); stage++) {
      channels *= 2;
      halved(normalized(network, channels, 3).relu());
      int width = channels;
      network.residual(
          block -> {
            normalized(block, width, 3).relu();
            normalized(block, width, 3).relu();
          });
    }
    network.globalAveragePool2d().dropout(options.dropout().getAsDouble()).linear(data.outputs());
  }

  /**
   * Stages that each halve the picture and double the channels, down to a grid whose cells have 8
   * pixels, or 16 in large pictures; convolutions over the grid, by which a cell sees what lies
   * around it; then the boxes of each cell, see {@link GridEncoding}.
   */
  static void detector(Network.Builder network, Data data, Options options) {
    Shape input = data.input();
    int stages = input.dimension(-1) < LARGE_PICTURE ? 3 : 4;
    int cell = 1 << stages;
    if (input.dimension(1) != input.dimension(2) || input.dimension(1) % cell != 0) {
      throw new ModelException(
          "preset 'detector' takes square pictures whose side is a multiple of %d, but examples are %s (give pictures with boxes; --picture-size chooses the side)"
              .formatted(cell, input));
    }
    int channels = options.hidden().getAsInt();
    for (int stage = 0; stage < stages; stage++) {
      normalized(network, channels, 3).relu().maxPool2d(2);
      channels *= 2;
    }
    for (int i = 0; i < options.layers().getAsInt(); i++) {
      normalized(network, channels, 3).relu();
    }
    GridEncoding grid =
        new GridEncoding(input.dimension(1), input.dimension(1) / cell, SLOTS, data.outputs());
    network.dropout(options.dropout().getAsDouble()).conv2d(grid.channels(), 1);
  }

  private static Network.Builder normalized(Network.Builder network, int channels, int kernel) {
    return network.conv2d(Conv2dLayer.Settings.same(channels, kernel).withoutBias()).batchNorm2d();
  }

  /** Halves a picture, unless it is a single row or column. */
  private static Network.Builder halved(Network.Builder network) {
    Shape shape = network.shape();
    return shape.dimension(-1) < 2 || shape.dimension(-2) < 2 ? network : network.maxPool2d(2);
  }
}
