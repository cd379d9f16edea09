package dev.tandem.models.training;

import dev.tandem.datasets.HostArray;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.layers.EmbeddingLayer;

/** Checks that data fits a network, before anything is computed. */
public final class Inputs {
  private Inputs() {}

  /** Sequences are of any length. */
  private static boolean fits(Network network, Shape shape) {
    if (!network.recurs() || shape.rank() != network.input().rank() || shape.dimension(0) < 1) {
      return shape.equals(network.input());
    }
    int[] extents = shape.toArray();
    extents[0] = network.steps();
    return Shape.of(extents).equals(network.input());
  }

  /**
   * Checks type, shape and token ids.
   *
   * @param what what errors call the data
   */
  public static void check(Network network, HostArray inputs, String what) {
    boolean tokens = network.inputType() == DataType.INT32;
    if (tokens == inputs.isFloat()) {
      throw new ModelException(
          "network '%s' takes %s, but %s is %s (%s)"
              .formatted(
                  network.name(),
                  tokens ? "int32 token ids" : "float32 numbers",
                  what,
                  inputs.isFloat() ? "float32" : "int32",
                  tokens ? "give int32" : "give float32, or begin the network with an embedding"));
    }
    Shape shape = Shape.of(inputs.exampleShape());
    if (!fits(network, shape)) {
      throw new ModelException(
          "network '%s' takes examples of shape %s, but those of %s have %s (change the input shape of the model or of the data)"
              .formatted(network.name(), described(network), what, shape));
    }
    if (network.layers().get(0) instanceof EmbeddingLayer embedding) {
      checkIds(embedding, inputs, what);
    }
  }

  /** The shape of examples; T where any length will do. */
  private static String described(Network network) {
    String shape = network.input().toString();
    return network.recurs() ? shape.replaceFirst("\\d+", "T") : shape;
  }

  private static void checkIds(EmbeddingLayer embedding, HostArray inputs, String what) {
    int[] ids = inputs.ints();
    int at = 0;
    for (int example = 0; example < inputs.size(); example++) {
      int length = inputs.isRagged() ? inputs.steps(example) : inputs.exampleLength();
      for (int end = at + length; at < end; at++) {
        if (ids[at] < 0 || ids[at] >= embedding.vocabulary()) {
          throw new ModelException(
              "example %d of %s holds token id %d, but the vocabulary of layer '%s' is %d (ids are 0 to %d)"
                  .formatted(
                      example,
                      what,
                      ids[at],
                      embedding.name(),
                      embedding.vocabulary(),
                      embedding.vocabulary() - 1));
        }
      }
    }
  }
}
