package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Npy;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Users who err: one line on standard error, an exit code, and nothing half-written. */
class HostileInputTest {
  @TempDir private Path folder;
  private String out;
  private String err;

  @BeforeEach
  void writeData() throws IOException {
    StringBuilder words = new StringBuilder("a,color,kind\n");
    StringBuilder prices = new StringBuilder("a,color,price\n");
    for (int i = 0; i < 30; i++) {
      String color = List.of("red", "green", "blue").get(i % 3);
      words.append(i % 7 == 0 ? "" : i).append(',').append(color);
      words.append(',').append(i < 15 ? "low" : "high").append('\n');
      prices.append(i).append(',').append(color).append(',').append(2.5 * i).append('\n');
    }
    Files.writeString(folder.resolve("words.csv"), words);
    Files.writeString(folder.resolve("prices.csv"), prices);
    Files.writeString(folder.resolve("ragged.csv"), "a,b,k\n1,2,x\n1,2\n");
    Files.writeString(folder.resolve("text.csv"), "a,k\n1,x\n2,y\n3,x\nabc,y\n");
    Files.writeString(folder.resolve("empty.csv"), "");
    Files.writeString(folder.resolve("spare.json"), model(5));
    Files.writeString(folder.resolve("few.json"), model(1));
    Files.createDirectory(folder.resolve("nonsense"));
    float[] x = new float[80];
    float[] y = new float[20];
    int[] ids = new int[20];
    for (int i = 0; i < 20; i++) {
      x[4 * i] = i;
      y[i] = 100 + 3 * i;
      ids[i] = i % 3;
    }
    Npy.write(folder.resolve("x.npy"), HostArray.of(x, 20, 4));
    Npy.write(folder.resolve("y.npy"), HostArray.of(y, 20));
    Npy.write(folder.resolve("ids.npy"), HostArray.of(ids, 20));
    x[5] = Float.NaN;
    Npy.write(folder.resolve("nan.npy"), HostArray.of(x, 20, 4));
  }

  private static String model(int units) {
    return """
        {"name": "mine", "input": {"shape": [4], "dtype": "float32"},
         "layers": [{"type": "linear", "name": "head", "units": %d}]}
        """
        .formatted(units);
  }

  /** Runs a command line in which {@code @} stands for the folder. */
  private int run(String commandLine) {
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    List<String> arguments = new ArrayList<>();
    for (String word : commandLine.strip().split(" +")) {
      arguments.add(word.replace("@", folder + "/"));
    }
    int code =
        Tandem.execute(
            arguments.toArray(String[]::new), new PrintWriter(outText), new PrintWriter(errText));
    out = outText.toString();
    err = errText.toString();
    return code;
  }

  private void train(String options) {
    assertThat(run("train --backend scalar --epochs 1 --hidden 8 " + options)).as(err).isZero();
  }

  private List<String> everything() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.map(Path::toString).sorted().toList();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --dataset digits --model detector                    | has none (use --dataset scenes, or --data FOLDER
          --dataset iris --model cnn                           | examples are [4] (use --model ann
          --dataset iris --model lstm                          | examples are [4] (use --model ann
          --dataset irs                                        | did you mean 'iris'
          --data @words.csv --target kin                       | did you mean 'kind'
          --data @nowhere.csv --target k                       | nowhere.csv does not exist
          --data @ragged.csv --target k                        | line 3 has 2 cells
          --data @text.csv --target k                          | line 5, column 'a': 'abc' is not a number
          --data @empty.csv --target k                         | is empty
          --data @nan.npy --labels @ids.npy                    | NaN in row 1
          --data @x.npy --labels @ids.npy --model @spare.json  | change the last layer's units to 3
          --data @x.npy --labels @ids.npy --model @few.json    | change the last layer's units to 3
          --data @x.npy --labels @ids.npy --model @nonsense.json | nonsense.json: there is no such file
          --dataset iris --batch-size 0                        | --batch-size is 0
          --dataset iris --threads 0                           | --threads is 0
          --dataset iris --k-fold 151                          | choose 2 to 150
          --dataset iris --early-stopping --patience 0         | --patience is 0
          --dataset iris --math bf16                           | no math mode BF16
          --dataset iris --optimizer sgd --lr 1e30 --epochs 9  | training stopped at step
          """)
  void aTrainingThatCannotBeLeavesNothing(String options, String message) throws IOException {
    List<String> before = everything();
    String epochs = options.contains("--epochs") ? "" : " --epochs 2";
    assertThat(run("train --backend scalar --out @made/for/it" + epochs + " " + options))
        .isBetween(1, 2);
    assertThat(err.lines()).singleElement().asString().startsWith("tandem: ").contains(message);
    assertThat(everything()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({"epochs,epoch", "optimizer,optimiser", "learningRate,learningrate"})
  void aMisspeltSettingIsNotIgnored(String key, String misspelt) throws IOException {
    train("--dataset iris --out @run");
    Path file = folder.resolve("run").resolve("run.json");
    Files.writeString(
        file, Files.readString(file).replaceFirst("\"" + key + "\"", "\"" + misspelt + "\""));
    assertThat(run("evaluate --run @run --backend scalar")).isEqualTo(1);
    assertThat(err.lines())
        .singleElement()
        .asString()
        .contains("run.json: unknown key '%s' (did you mean '%s'? ".formatted(misspelt, key));
  }

  @Test
  void anOutputDirectoryBelowAFileIsNamedAsSuch() throws IOException {
    List<String> before = everything();
    assertThat(run("train --dataset iris --backend scalar --epochs 1 --out @words.csv/run"))
        .isEqualTo(1);
    assertThat(err.lines()).singleElement().asString().contains("words.csv is a file");
    assertThat(everything()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.json", "run.json", "preprocessing.json", "model.safetensors"})
  void aDamagedRunIsRefusedByName(String file) throws IOException {
    train("--data @words.csv --target kind --out @run");
    for (String damage : List.of("", "{}", "{\"a\":", "null")) {
      Files.writeString(folder.resolve("run").resolve(file), damage);
      assertThat(run("evaluate --run @run --backend scalar")).isEqualTo(1);
      assertThat(err.lines())
          .singleElement()
          .asString()
          .contains(file)
          .doesNotContain("defect", "NullPointer");
      assertThat(run("predict --run @run --backend scalar --input @words.csv --output @p.csv"))
          .isEqualTo(1);
      assertThat(err.lines()).singleElement().asString().contains(file);
      assertThat(folder.resolve("p.csv")).doesNotExist();
    }
  }

  @Test
  void aRunWhoseDataChangedIsNeitherResumedNorEvaluated() throws IOException {
    train("--data @prices.csv --target price --out @run");
    Path data = folder.resolve("prices.csv");
    Files.writeString(data, Files.readString(data).replace("2.5", "2.6"));
    for (String command : List.of("train --resume @run", "evaluate --backend scalar --run @run")) {
      assertThat(run(command)).isEqualTo(1);
      assertThat(err.lines()).singleElement().asString().contains("has changed", "prices.csv");
    }
  }

  @Test
  void aFoldIsNeitherResumedNorEvaluatedOnOtherParts() {
    train("--data @words.csv --target kind --k-fold 2 --out @folds");
    assertThat(run("train --resume @folds/fold-1")).isEqualTo(1);
    assertThat(err.lines()).singleElement().asString().contains("fold of a cross-validation");
    assertThat(run("evaluate --backend scalar --run @folds/fold-1")).isEqualTo(1);
    assertThat(err.lines()).singleElement().asString().contains("give --data");
  }

  @Test
  void newDataIsMeasuredInTheUnitsOfTheTraining() {
    train(
        "--data @x.npy --labels @y.npy --standardize --test-split 0 --validation-split 0 --out @run");
    run("evaluate --run @run --backend scalar --json");
    JsonNode own = lastLine().path("metrics").path("train");
    assertThat(run("evaluate --run @run --backend scalar --json --data @x.npy --labels @y.npy"))
        .isZero();
    assertThat(lastLine().path("metrics").path("test")).isEqualTo(own);
    assertThat(own.path("loss").isNumber()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--k-fold 2", "resume", "evaluate"})
  void theLastLineIsTheObjectOfTheContract(String mode) {
    boolean later = mode.equals("resume") || mode.equals("evaluate");
    train("--data @prices.csv --target price --json --out @run " + (later ? "" : mode));
    if (later) {
      String command = mode.equals("resume") ? "train --resume" : "evaluate --backend scalar --run";
      assertThat(run(command + " @run --json")).isZero();
    }
    assertThat(err).isEmpty();
    assertThat(lastLine().propertyNames())
        .containsExactly(
            "model",
            "dataset",
            "backend",
            "seed",
            "epochs",
            "parameters",
            "metrics",
            "seconds",
            "out");
    assertThat(lastLine().path("metrics").propertyNames())
        .containsExactly("train", "validation", "test");
    assertThat(out).doesNotContain("NaN", "Infinity");
  }

  private JsonNode lastLine() {
    return JsonMapper.shared().readTree(out.lines().reduce((first, second) -> second).orElse(""));
  }

  @Test
  void predictionsOfATableCanBeRead() throws IOException {
    train("--data @words.csv --target kind --out @run");
    Files.writeString(folder.resolve("new.csv"), "color,extra,a\nred,1,2\npurple,1,\n");
    String predict = "predict --run @run --backend scalar --output @p.csv --input ";
    assertThat(run(predict + "@new.csv --probabilities")).isZero();
    assertThat(err).isEmpty();
    assertThat(out).contains("purple");
    List<String> lines = Files.readAllLines(folder.resolve("p.csv"));
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).isEqualTo("kind,high,low");
    assertThat(lines.get(1)).matches("(high|low),0\\.\\d+,0\\.\\d+");
    Files.writeString(folder.resolve("new.csv"), "color\nred\n");
    assertThat(run(predict + "@new.csv")).isEqualTo(1);
    assertThat(err.lines()).singleElement().asString().contains("no column 'a'");
    train("--data @x.npy --labels @ids.npy --out @arrays");
    assertThat(run("predict --run @arrays --backend scalar --input @nan.npy --output @z.npy"))
        .isEqualTo(1);
    assertThat(err.lines()).singleElement().asString().contains("NaN in row 1");
    assertThat(folder.resolve("z.npy")).doesNotExist();
  }

  /** A run that was stopped after its second epoch is what it left: settings and a checkpoint. */
  @Test
  void aStoppedRunGoesOnToTheSameBits() throws IOException {
    String data = "--data @words.csv --target kind --dropout 0.2 --lr-schedule constant --epochs ";
    assertThat(run("train --backend scalar --hidden 8 --out @whole " + data + 4)).isZero();
    assertThat(run("train --backend scalar --hidden 8 --out @run " + data + 2)).isZero();
    Path stopped = folder.resolve("run");
    Path settings = stopped.resolve("run.json");
    Files.writeString(
        settings, Files.readString(settings).replaceFirst("\"epochs\" : 2", "\"epochs\" : 4"));
    Files.delete(stopped.resolve("model.safetensors"));
    for (String command :
        List.of("evaluate", "inspect", "predict --input @words.csv --output @p.csv")) {
      assertThat(run(command + " --backend scalar --run @run")).isEqualTo(1);
      assertThat(err.lines())
          .containsExactly(
              "tandem: run %s is not finished (go on with it: tandem train --resume %s)"
                  .formatted(stopped, stopped));
    }
    assertThat(run("train --resume @run")).isZero();
    assertThat(stopped.resolve("model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("whole").resolve("model.safetensors"));
    assertThat(Files.readAllLines(stopped.resolve("epochs.csv"))).hasSize(5);
  }
}
