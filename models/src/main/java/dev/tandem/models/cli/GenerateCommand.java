package dev.tandem.models.cli;

import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.Task;
import dev.tandem.datasets.TextEncoding;
import dev.tandem.datasets.Vocabulary;
import dev.tandem.engine.Backend;
import dev.tandem.models.runs.RunDirectory;
import dev.tandem.models.runs.Sampling;
import dev.tandem.models.runs.TextGenerator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tandem generate}. */
@Command(
    name = "generate",
    description = {
      "Lets a language model go on with a text, token by token.",
      "Prints the text and nothing else; what there is to say about the prompt goes to standard error."
    },
    footer = {
      "  tandem generate --run runs/sonnets --prompt 'Shall I compare' --length 300",
      "  tandem generate --run runs/sonnets --temperature 0.7 --top-k 20 --top-p 0.9 --seed 7",
      "  tandem generate --run runs/sonnets --prompt 'O ' --temperature 0"
    })
final class GenerateCommand implements Callable<Integer> {
  private static final int MOST_NAMED = 8;

  @Spec private CommandSpec spec;
  @Mixin private BackendChoice backendChoice;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      required = true,
      description = "The directory of a finished run of a language model (char-lm, word-lm).")
  private Path run;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "The text to go on with (default: none, as at the beginning of a line).")
  private String prompt;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "500",
      description = "How many tokens to make up: characters or words.")
  private int length;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "1",
      description = "Below 1 makes likely tokens likelier; 0 always takes the likeliest.")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Chooses from the K likeliest tokens (default: from all).")
  private Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description =
          "Chooses from the fewest likeliest tokens that have the probability P together; after --top-k.")
  private double topP;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the choice: the same seed gives the same text.")
  private long seed;

  @Override
  public Integer call() {
    if (length < 1) {
      throw new ParameterException(
          spec.commandLine(), "--length is %d (give 1 or more tokens)".formatted(length));
    }
    int most = topK == null ? Integer.MAX_VALUE : topK;
    Sampling sampling = Usage.checked(spec, () -> new Sampling(temperature, most, topP));
    RunDirectory directory = RunDirectory.open(run);
    Preprocessing preprocessing = directory.preprocessing();
    if (preprocessing.target().task() != Task.LANGUAGE) {
      throw new CommandFailure(
          "%s is no language model, it was trained for %s (train --model char-lm or word-lm)"
              .formatted(run, preprocessing.target().task().name().toLowerCase(Locale.ROOT)));
    }
    TextEncoding encoding = preprocessing.text();
    List<String> tokens = encoding.tokenizer().split(prompt.replace("\r\n", "\n"));
    Vocabulary.Ids known = encoding.vocabulary().encode(tokens);
    tellUnknown(tokens, known);
    try (Backend backend = backendChoice.open();
        TextGenerator generator =
            new TextGenerator(
                directory.network(), directory.weights(), encoding.vocabulary(), backend)) {
      int[] begin = tokens.isEmpty() ? generator.beginning() : known.ids();
      int[] ids = generator.generate(begin, length, sampling, seed);
      spec.commandLine().getOut().println(encoding.decode(tokens, ids));
    }
    return 0;
  }

  private void tellUnknown(List<String> tokens, Vocabulary.Ids known) {
    if (known.unknown() == 0) {
      return;
    }
    List<String> unknown = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      String quoted = "'" + tokens.get(i) + "'";
      if (known.ids()[i] == Vocabulary.UNKNOWN && !unknown.contains(quoted)) {
        unknown.add(quoted);
      }
    }
    spec.commandLine()
        .getErr()
        .println(
            "%d of %d tokens of the prompt are outside the vocabulary and are read as unknown: %s%s"
                .formatted(
                    known.unknown(),
                    tokens.size(),
                    String.join(", ", unknown.subList(0, Math.min(MOST_NAMED, unknown.size()))),
                    unknown.size() > MOST_NAMED ? " and others" : ""));
  }
}
