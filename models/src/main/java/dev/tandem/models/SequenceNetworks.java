package dev.tandem.models;

import dev.tandem.engine.DataType;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.models.Presets.Options;
import dev.tandem.models.Presets.Recipe;
import dev.tandem.models.layers.RecurrentLayer;

/** The layers of the presets that read sequences. */
final class SequenceNetworks {
  private SequenceNetworks() {}

  /** Reads a sequence and says one thing about all of it. */
  static Recipe last(RecurrentCell cell) {
    return (network, data, options) -> {
      embedded(network, data, options)
          .recurrent(settings(cell, options, false))
          .dropout(options.dropout().getAsDouble())
          .linear(data.outputs());
    };
  }

  /** Says something at each step. */
  static Recipe everyStep(RecurrentCell cell) {
    return (network, data, options) ->
        embedded(network, data, options)
            .recurrent(settings(cell, options, true))
            .dropout(options.dropout().getAsDouble())
            .linear(data.outputs());
  }

  /** Learnt vectors for tokens; numbers are taken as they are. */
  private static Network.Builder embedded(
      Network.Builder network, Presets.Data data, Options options) {
    return data.type() == DataType.INT32
        ? network
            .embedding(data.vocabulary(), options.hidden().getAsInt())
            .dropout(options.dropout().getAsDouble())
        : network;
  }

  private static RecurrentLayer.Settings settings(
      RecurrentCell cell, Options options, boolean sequence) {
    int layers = options.layers().getAsInt();
    return new RecurrentLayer.Settings(
        cell,
        options.hidden().getAsInt(),
        layers,
        options.bidirectional().orElse(false),
        layers == 1 ? 0 : options.dropout().getAsDouble(),
        sequence);
  }
}
