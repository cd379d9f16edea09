package dev.tandem.models.runs;

import dev.tandem.datasets.Vocabulary;
import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Philox;
import dev.tandem.models.Executor;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.Program;
import dev.tandem.models.RandomStreams;
import dev.tandem.models.WeightsFile;
import dev.tandem.models.layers.Initializer;
import java.nio.file.Path;
import java.util.List;

/**
 * Goes on with a text, token by token: a language model that is given one token at a time and keeps
 * its states in between.
 */
public final class TextGenerator implements AutoCloseable {
  private final Backend backend;
  private final Vocabulary vocabulary;
  private final Parameters parameters;
  private final Executor executor;
  private final Program program;
  private final int[] token = new int[1];
  private final float[] logits;

  /**
   * Loads weights.
   *
   * @param network a language model
   * @param weights a safetensors file
   * @param vocabulary the tokens it knows
   * @param backend the engine
   * @throws ModelException if the network does not tell the next token from those before it alone
   */
  public TextGenerator(Network network, Path weights, Vocabulary vocabulary, Backend backend) {
    this.backend = backend;
    this.vocabulary = vocabulary;
    requireLanguageModel(network, vocabulary);
    parameters =
        new Parameters(
            network.parameters(Initializer.Scheme.DEFAULT), backend, DataType.FLOAT32, false, 0);
    WeightsFile.load(weights, parameters);
    Executor.Size oneToken = new Executor.Size(1, 1, false, false, true);
    Executor.Attachment<Program> alone = (binding, bound) -> bound;
    executor =
        new Executor(
            network, parameters, backend, DataType.FLOAT32, false, List.of(oneToken), alone);
    program = executor.program(oneToken, alone);
    logits = new float[vocabulary.size()];
  }

  private static void requireLanguageModel(Network network, Vocabulary vocabulary) {
    if (!network.returnsSequence() || network.output().columns() != vocabulary.size()) {
      throw new ModelException(
          "network '%s' turns %s into %s, which says nothing about the next of %d tokens at each step (train --model char-lm or word-lm)"
              .formatted(network.name(), network.input(), network.output(), vocabulary.size()));
    }
    network.requireCausal();
  }

  /**
   * Makes a text up. It holds neither the padding nor the unknown token.
   *
   * @param prompt the ids of the text to go on with, at least one
   * @param length the number of tokens to make up
   * @param sampling how they are chosen
   * @param seed of the choice
   * @return the ids of the new tokens
   */
  public int[] generate(int[] prompt, int length, Sampling sampling, long seed) {
    Philox random = RandomStreams.sampling(seed);
    program.resetState();
    for (int id : prompt) {
      read(id);
    }
    int[] ids = new int[length];
    for (int i = 0; i < length; i++) {
      ids[i] = Sampling.choose(sampling.distribution(nextLogits()), random.nextDouble());
      read(ids[i]);
    }
    return ids;
  }

  private void read(int id) {
    token[0] = id;
    backend.transfers().upload(token, 0, program.input());
    program.forward();
  }

  private float[] nextLogits() {
    backend.transfers().download(program.output(), logits, 0);
    for (int id : new int[] {Vocabulary.PADDING, Vocabulary.UNKNOWN}) {
      logits[id] = Float.NEGATIVE_INFINITY;
    }
    return logits;
  }

  /** Returns what stands before a text without a prompt: a line's end, else the commonest token. */
  public int[] beginning() {
    int line = vocabulary.tokens().indexOf("\n");
    return new int[] {line >= 0 ? line : Vocabulary.UNKNOWN + 1};
  }

  @Override
  public void close() {
    executor.close();
    parameters.close();
  }
}
