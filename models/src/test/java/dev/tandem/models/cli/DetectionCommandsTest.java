package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.datasets.detection.AnnotatedPictures;
import dev.tandem.datasets.detection.BoundingBox;
import dev.tandem.datasets.detection.Scenes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Finding things in pictures from the command line. */
class DetectionCommandsTest {
  private static final int SIDE = 32;

  /** Wider than high: the square has bars above and below. */
  private static final int WIDTH = 48;

  @TempDir private Path folder;
  private Path pictures;
  private String out;
  private String err;

  @BeforeEach
  void writePictures() throws IOException {
    pictures = Files.createDirectory(folder.resolve("pictures"));
    AnnotatedPictures scenes = Scenes.draw(10, SIDE, false, 1);
    StringBuilder table = new StringBuilder("image,label,xmin,ymin,xmax,ymax\n");
    for (int i = 0; i < scenes.size(); i++) {
      BufferedImage picture = new BufferedImage(WIDTH, SIDE, BufferedImage.TYPE_BYTE_GRAY);
      for (int p = 0; p < SIDE * SIDE; p++) {
        int grey = scenes.pixels()[i * SIDE * SIDE + p] & 0xFF;
        picture.setRGB(p % SIDE, p / SIDE, grey * 0x010101);
      }
      String name = "scene" + i + ".png";
      ImageIO.write(picture, "png", pictures.resolve(name).toFile());
      for (BoundingBox box : scenes.truth(i)) {
        table.append(
            String.format(
                Locale.ROOT,
                "%s,digit %d,%.1f,%.1f,%.1f,%.1f\n",
                name,
                box.classId() % 2,
                box.left(),
                box.top(),
                box.right(),
                box.bottom()));
      }
    }
    Files.writeString(pictures.resolve("annotations.csv"), table);
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

  private int train(String options) {
    return run(
        "train --backend scalar --model detector --hidden 4 --layers 1 --batch-size 4 --max-steps 2"
            + " --data @pictures --picture-size 32 --out @run "
            + options);
  }

  private JsonNode lastLine() {
    return JsonMapper.shared().readTree(out.lines().reduce((first, second) -> second).orElse(""));
  }

  @Test
  void trainsEvaluatesAndPredicts() throws IOException {
    assertThat(train("--augment shift=2,flip --json")).as(err).isZero();
    assertThat(err).isEmpty();
    assertThat(out).contains("AP@0.5", "digit 0", "digit 1", "10 examples of [3,32,32], 2 classes");
    JsonNode test = lastLine().path("metrics").path("test");
    assertThat(test.propertyNames()).containsExactly("loss", "map", "map_50_95", "iou");
    assertThat(test.path("loss").asDouble()).isPositive();
    assertThat(Files.readString(folder.resolve("run/report.html"))).contains("AP@0.5:0.95");

    assertThat(run("evaluate --run @run --backend scalar --json")).as(err).isZero();
    assertThat(lastLine().path("metrics").path("test")).isEqualTo(test);
    assertThat(run("evaluate --run @run --backend scalar --data @pictures --json")).isZero();
    assertThat(lastLine().path("metrics").path("test").path("map").isNumber()).isTrue();

    assertThat(run("predict --run @run --backend scalar --input @pictures --output @boxes.csv"))
        .as(err)
        .isZero();
    assertThat(out).contains(" boxes with a score of 0.5 or more in 10 pictures to ");
    List<String> lines = Files.readAllLines(folder.resolve("boxes.csv"));
    assertThat(lines.get(0)).isEqualTo("picture,label,score,left,top,width,height");
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",");
      assertThat(cells[0]).matches("scene\\d\\.png");
      assertThat(cells[1]).matches("digit [01]");
      assertThat(Double.parseDouble(cells[2])).isBetween(0.5, 1.0);
      double left = Double.parseDouble(cells[3]);
      double top = Double.parseDouble(cells[4]);
      assertThat(left).isBetween(0.0, (double) WIDTH);
      assertThat(left + Double.parseDouble(cells[5])).isLessThanOrEqualTo(WIDTH + 0.1);
      assertThat(top + Double.parseDouble(cells[6])).isLessThanOrEqualTo(SIDE + 0.1);
    }
    String one = "predict --run @run --backend scalar --input @pictures/scene3.png --output ";
    assertThat(run(one + "@one.npy")).as(err).isZero();
    assertThat(out).contains("outputs of [1,7,4,4]");

    Files.writeString(pictures.resolve("scene3.png"), "no picture");
    assertThat(run("predict --run @run --backend scalar --input @pictures --output @boxes.csv"))
        .as(err)
        .isZero();
    assertThat(out)
        .contains("1 of 10 pictures cannot be read and are left out: scene3.png", "in 9 pictures");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--augment rotate=5 | augmentation rotate=5 does not go with boxes",
        "--augment cutout=4 | augmentation cutout=4 does not go with boxes",
        "--loss mse | --loss goes with other tasks, a detector has its own (leave it out)",
        "--picture-size 36 | takes square pictures whose side is a multiple of 8",
        "--model cnn | is for detection (use --model detector)",
        "--task classification | holds no pictures in class folders"
      })
  void whatDoesNotGoWithBoxesIsRefused(String options, String message) {
    assertThat(
            run(
                "train --backend scalar --epochs 1 --data @pictures --out @run"
                    + (options.contains("--model") ? "" : " --model detector")
                    + (options.contains("--picture") ? " " : " --picture-size 32 ")
                    + options))
        .isBetween(1, 2);
    assertThat(err.lines()).singleElement().asString().startsWith("tandem: ").contains(message);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gone.png,digit 0,1,1,5,5 | gone.png does not exist",
        "text.png,digit 0,1,1,5,5 | text.png is neither PNG, JPEG, GIF nor BMP",
        "scene1.png,digit 0,9,1,5,5 | column 'xmax': '5' is not above xmin 9",
        "scene1.png,digit 0,1,1,many,5 | column 'xmax': 'many' is not a number",
        "scene1.png,digit 0,1,1 | has 4 cells"
      })
  void aHostileFolderIsNamedLineByLine(String row, String message) throws IOException {
    Path table = pictures.resolve("annotations.csv");
    Files.writeString(pictures.resolve("text.png"), "no picture");
    int line = Files.readAllLines(table).size() + 1;
    Files.writeString(table, Files.readString(table) + row + "\n");
    assertThat(train("")).isEqualTo(1);
    assertThat(err.lines())
        .singleElement()
        .asString()
        .contains("annotations.csv", "line " + line, message);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void aDetectionWithoutATableIsRefused() throws IOException {
    Files.delete(pictures.resolve("annotations.csv"));
    assertThat(train("--task detection")).isEqualTo(1);
    assertThat(err.lines()).singleElement().asString().contains("annotations.csv does not exist");
  }
}
