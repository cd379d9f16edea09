package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Npy;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people look at: texts that a run makes up, pictures of what it learned. */
class LookCommandsTest {
  @TempDir private static Path folder;
  private static String out;
  private static String err;

  /** Runs a command line in which {@code @} stands for the folder and {@code _} for a space. */
  private static int run(String line) {
    StringWriter output = new StringWriter();
    StringWriter errors = new StringWriter();
    List<String> args = new ArrayList<>();
    for (String word : line.replace("@", folder + "/").split(" ")) {
      args.add(word.replace("_", " "));
    }
    int code =
        Tandem.execute(
            args.toArray(String[]::new),
            new PrintWriter(output, true),
            new PrintWriter(errors, true));
    out = output.toString();
    err = errors.toString();
    return code;
  }

  private void fails(String line, String message) {
    assertThat(run(line)).as(out).isNotZero();
    assertThat(err.lines()).containsExactly("tandem: " + message.replace("@", folder + "/"));
  }

  @BeforeAll
  static void train() throws IOException {
    Files.writeString(folder.resolve("poem.txt"), "the cat sat on the mat\n".repeat(40));
    run("train --data @poem.txt --model char-lm --hidden 8 --window 10 --max-steps 4 --out @lm");
    assertThat(folder.resolve("lm/model.safetensors")).as(err).exists();
    run("train --dataset digits --model cnn --max-steps 2 --out @digits");
    assertThat(folder.resolve("digits/model.safetensors")).as(err).exists();
  }

  @Test
  void generatePrintsTheTextAlone() {
    assertThat(run("generate --run @lm --prompt the_cat --length 20 --seed 3")).as(err).isZero();

    assertThat(out).startsWith("the cat").hasSize("the cat".length() + 20 + "\n".length());
    assertThat(err).isEmpty();
    String before = out;
    run("generate --run @lm --prompt the_cat --length 20 --seed 3 --backend scalar");
    assertThat(out).isEqualTo(before);
  }

  @Test
  void generateCountsTokensThatTrainingDidNotKnow() {
    assertThat(run("generate --run @lm --prompt tXeX? --length 5 --top-k 2")).isZero();

    assertThat(out).startsWith("tXeX?");
    assertThat(err.lines())
        .containsExactly(
            "3 of 5 tokens of the prompt are outside the vocabulary and are read as unknown: 'X', '?'");
  }

  @Test
  void generateRefusesInOneLine() {
    run("train --dataset iris --model perceptron --max-steps 2 --out @iris");

    fails(
        "generate --run @iris",
        "@iris is no language model, it was trained for classification (train --model char-lm or word-lm)");
    fails(
        "generate --run @none",
        "@none holds no run (give a directory that 'tandem train' wrote, with a run.json in it)");
    fails("generate --run @lm --length 0", "--length is 0 (give 1 or more tokens)");
    fails("generate --run @lm --top-k 0", "--top-k is 0 (give 1 or more)");
  }

  @Test
  void inspectDrawsEverythingThatThereIs() throws IOException {
    assertThat(run("inspect --run @digits")).as(err).isZero();

    assertThat(names(folder.resolve("digits/inspect")))
        .containsExactlyInAnyOrder(
            "confusion.png",
            "filters-conv1.png",
            "filters-conv2.png",
            "maps-conv1-act1.png",
            "maps-conv2-act2.png",
            "maps-pool1.png",
            "maps-pool2.png",
            "mistakes.png");
    assertThat(out).contains("layers    conv1 + act1, pool1, ");
    // Again: pictures of the same name are replaced.
    assertThat(run("inspect --run @digits")).as(err).isZero();
  }

  @Test
  void inspectDrawsOneLayer() throws IOException {
    assertThat(run("inspect --run @digits --layer conv2 --example 5 --out @new/one")).isZero();
    assertThat(names(folder.resolve("new/one")))
        .containsExactlyInAnyOrder("filters-conv2.png", "maps-conv2-act2.png");
    assertThat(run("inspect --run @digits --layer fc2 --out @two")).as(err).isZero();
    assertThat(names(folder.resolve("two"))).containsExactly("maps-fc2.png");
    Npy.write(folder.resolve("x.npy"), HostArray.of(new float[64], 1, 1, 8, 8));
    assertThat(run("inspect --run @digits --layer pool1 --input @x.npy --out @three"))
        .as(err)
        .isZero();
  }

  @Test
  void inspectRefusesInOneLineAndWritesNothing() {
    fails(
        "inspect --run @digits --out @nothing --layer conv3",
        "unknown layer 'conv3' (did you mean 'conv1'? there are: conv1, act1, pool1, conv2, act2, pool2, flatten1, fc1, act3, dropout1, fc2)");
    fails(
        "inspect --run @digits --out @nothing --example 359",
        "--example is 359, and the test part has 359 (give 0 to 358)");
    fails(
        "inspect --run @digits --out @nothing --example 1 --input x.png",
        "--input and --example exclude each other (give one of them)");
    fails(
        "inspect --run @digits --out @nothing --input @poem.txt",
        "@poem.txt is neither PNG, JPEG, GIF nor BMP (give a PNG, JPEG, GIF or BMP file)");
    fails(
        "inspect --run @lm --out @nothing --input @poem.txt",
        "@poem.txt is no .npy array, and @lm was not trained on picture files (give an array, or use --example N)");
    assertThat(folder.resolve("nothing")).doesNotExist();
  }

  /** Arrays of the bundled digits are from 0 to 16, files from 0 to 255. */
  @Test
  void newDigitsAreReadFromFilesAndArrays() throws IOException {
    BufferedImage white = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    float[] sixteen = new float[64];
    for (int i = 0; i < 64; i += 3) {
      white.setRGB(i % 8, i / 8, 0xFFFFFF);
      sixteen[i] = 16;
    }
    ImageIO.write(white, "png", folder.resolve("n1.png").toFile());
    Npy.write(folder.resolve("n1.npy"), HostArray.of(sixteen, 1, 1, 8, 8));
    String predict = "predict --run @digits --backend cpu --input ";
    assertThat(run(predict + "@n1.png --output @file.npy")).as(err).isZero();
    assertThat(run(predict + "@n1.npy --output @array.npy")).as(err).isZero();
    assertThat(folder.resolve("file.npy")).hasSameBinaryContentAs(folder.resolve("array.npy"));
    sixteen[1] = 255;
    Npy.write(folder.resolve("bytes.npy"), HostArray.of(sixteen, 1, 1, 8, 8));
    fails(
        predict + "@bytes.npy --output @none.npy",
        "@bytes.npy has the pixel 255.0 in row 0 (save pixels from 0 to 16, not scaled)");
  }

  @Test
  void gradientFlowIsRecordedAndDrawn() throws IOException {
    StringBuilder texts = new StringBuilder("text\tlabel\n");
    for (int i = 0; i < 60; i++) {
      texts.append(i % 2 == 0 ? "a good day" : "no it was not good at all");
      texts.append(i % 2 == 0 ? "\tyes\n" : "\tno\n");
    }
    Files.writeString(folder.resolve("texts.tsv"), texts);

    assertThat(
            run(
                "train --data @texts.tsv --target label --model deep-gru --layers 2 --hidden 6 --epochs 3"
                    + " --gradient-flow --out @run"))
        .as(err)
        .isZero();

    List<String> lines = Files.readAllLines(folder.resolve("run/gradient-flow.csv"));
    assertThat(lines.get(0))
        .isEqualTo("moment,layer,time_step,norm,reset_saturated,update_saturated,new_saturated");
    // Three moments, two layers, seven steps of the longest text.
    assertThat(lines).hasSize(1 + 3 * 2 * 7);
    assertThat(lines.get(1)).startsWith("beginning,1,1,");
    assertThat(lines).anyMatch(line -> line.startsWith("after epoch 1,2,7,"));
    assertThat(Files.readString(folder.resolve("run/report.html")))
        .contains("Gradients through time", "Norm of dL/dh_t, layer 2");
    assertThat(run("inspect --run @run")).as(err).isZero();
    assertThat(names(folder.resolve("run/inspect")))
        .contains("gradient-flow.png", "gradient-flow-map.png", "gate-saturation.png");
  }

  @Test
  void gradientFlowOfAnotherNetworkLeavesNoRun() {
    fails(
        "train --dataset digits --model cnn --gradient-flow --out @none",
        "--gradient-flow follows gradients through time, and network 'cnn' has no recurrent layer (leave it out, or train --model lstm)");
    assertThat(folder.resolve("none")).doesNotExist();
  }

  /** The names of the files in a directory, each a picture that can be read. */
  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> all = files.toList();
      for (Path file : all) {
        assertThat(ImageIO.read(file.toFile())).as(file.toString()).isNotNull();
      }
      return all.stream().map(file -> file.getFileName().toString()).toList();
    }
  }
}
