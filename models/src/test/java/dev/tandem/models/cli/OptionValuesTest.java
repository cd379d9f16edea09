package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.models.Presets;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A value that no data could make right is wrong usage: one line, exit code 2, nothing written. */
class OptionValuesTest {
  @TempDir private Path folder;

  private void refused(String commandLine, String message) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Tandem.execute(commandLine.split(" +"), new PrintWriter(out), new PrintWriter(err));
    assertThat(err.toString().lines()).containsExactly("tandem: " + message);
    assertThat(code).isEqualTo(2);
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --layers 0           | preset 'ann': layers is 0 (give a number from 1 to 1000)
          --hidden 0           | preset 'ann': hidden is 0 (give 1 or more)
          --hidden -3          | preset 'ann': hidden is -3 (give 1 or more)
          --dropout 1          | preset 'ann': dropout is 1.0 (give a number from 0 to below 1)
          --bidirectional      | preset 'ann': it has no option 'bidirectional' (leave it out)
          --epochs 0           | --epochs is 0 (give 1 or more)
          --batch-size 0       | --batch-size is 0 (give 1 or more)
          --max-steps 0        | --max-steps is 0 (give 1 or more)
          --warmup -1          | --warmup is -1 (give 0 or more steps)
          --clip-norm 0        | --clip-norm is 0.0 (give a number above 0)
          --lr -1              | --lr is -1.0 (give a number above 0)
          --momentum 1         | --momentum is 1.0 (give a number from 0 to below 1)
          --nesterov           | --nesterov needs sgd with --momentum above 0 (for example --optimizer sgd --momentum 0.9)
          --validation-split 2 | --validation-split is 2.0 (give a fraction from 0 to below 1)
          --test-split -0.1    | --test-split is -0.1 (give a fraction from 0 to below 1)
          --k-fold 1           | --k-fold is 1 (give 2 or more)
          --window 0           | --window is 0 (give 1 or more)
          --horizon 0          | --horizon is 0 (give 1 or more)
          --tbptt 0            | --tbptt is 0 (give 1 or more)
          --picture-size 0     | --picture-size is 0 (give 1 or more)
          --augment nonsense   | unknown augmentation 'nonsense' (did you mean 'rotate'? there are: shift, crop, flip, rotate, cutout)
          --hidden 4 --model m.json | --hidden, --layers, --dropout and --bidirectional go with presets; @m.json says what it has (leave them out)
          """)
  void ofATraining(String options, String message) {
    String here = Path.of("").toAbsolutePath() + "/";
    refused(
        "train --backend scalar --dataset iris --out " + folder.resolve("run") + " " + options,
        message.replace("@", here));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          train --model nope                 | unknown preset 'nope' (did you mean 'ann'? there are: @)
          summary nope                       | unknown preset 'nope' (did you mean 'ann'? there are: @)
          summary cnn --input 4              | preset 'cnn': it takes pictures [C,H,W], but examples are [4] (use --model ann, which takes any shape of numbers)
          summary ann --hidden -3            | preset 'ann': hidden is -3 (give 1 or more)
          generate --run x --temperature -1  | --temperature is -1.0 (give 0 for the likeliest token, or more)
          generate --run x --top-k 0         | --top-k is 0 (give 1 or more)
          generate --run x --top-p 0         | --top-p is 0.0 (give a number above 0, at most 1)
          """)
  void ofOtherCommands(String commandLine, String message) {
    refused(commandLine, message.replace("@", String.join(", ", Presets.names())));
  }
}
