package dev.tandem.models.training;

import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.TaggingDataset;
import dev.tandem.engine.Embedding;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.layers.EmbeddingLayer;
import java.util.Arrays;

/**
 * Sequences of tokens that were padded to one length, as arrays have to be. A network whose
 * embedding has a padding index takes them without: a sequence ends where nothing but padding
 * follows, so that the last state is that of its last token.
 */
public final class Padding {
  private Padding() {}

  /**
   * Ends the sequences of all parts.
   *
   * @throws ModelException if one is nothing but padding
   */
  public static Dataset cut(Network network, Dataset data) {
    return new Dataset(
        data.name(),
        data.task(),
        data.classNames(),
        data.inputNames(),
        data.targetNames(),
        cut(network, data.train(), "the training part"),
        cut(network, data.validation(), "the validation part"),
        cut(network, data.test(), "the test part"),
        data.provenance(),
        data.preprocessing(),
        data.notes());
  }

  /**
   * Ends sequences, and with them the classes of their steps.
   *
   * @param what what errors call them
   * @throws ModelException if one is nothing but padding
   */
  public static Examples cut(Network network, Examples examples, String what) {
    HostArray targets = examples.targets();
    boolean everyStep = network.returnsSequence();
    // Numbers of every step are compared with those of the same step, and there is one for each.
    if (everyStep && targets.isFloat()) {
      return examples;
    }
    HostArray inputs = cut(network, examples.inputs(), what);
    if (inputs == examples.inputs()) {
      return examples;
    }
    return new Examples(
        inputs,
        everyStep ? targets.endingAfter(steps(inputs), TaggingDataset.NO_TAG) : targets,
        examples.origins());
  }

  /**
   * Ends sequences.
   *
   * @param what what errors call them
   * @throws ModelException if one is nothing but padding
   */
  public static HostArray cut(Network network, HostArray inputs, String what) {
    if (!pads(network, inputs)) {
      return inputs;
    }
    int padding = ((EmbeddingLayer) network.layers().get(0)).paddingIndex();
    int[] ids = inputs.ints();
    int longest = inputs.exampleLength();
    int[] steps = new int[inputs.size()];
    for (int example = 0; example < steps.length; example++) {
      int length = longest;
      while (length > 0 && ids[example * longest + length - 1] == padding) {
        length--;
      }
      if (length == 0) {
        throw new ModelException(
            "example %d of %s is nothing but padding (token id %d; leave it out)"
                .formatted(example, what, padding));
      }
      steps[example] = length;
    }
    boolean whole = Arrays.stream(steps).allMatch(length -> length == longest);
    return whole ? inputs : inputs.endingAfter(steps, padding);
  }

  private static boolean pads(Network network, HostArray inputs) {
    return network.recurs()
        && !inputs.isFloat()
        && !inputs.isRagged()
        && inputs.shape().length == 2
        && network.layers().get(0) instanceof EmbeddingLayer embedding
        && embedding.paddingIndex() != Embedding.NO_PADDING;
  }

  private static int[] steps(HostArray inputs) {
    int[] steps = new int[inputs.size()];
    for (int example = 0; example < steps.length; example++) {
      steps[example] = inputs.steps(example);
    }
    return steps;
  }
}
