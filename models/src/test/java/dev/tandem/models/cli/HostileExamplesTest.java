package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Npy;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pictures, series and texts as they should not be: they work, or one line says what is wrong. */
class HostileExamplesTest {
  @TempDir private Path folder;
  private String out;
  private String err;

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

  private void succeeds(String commandLine) {
    assertThat(run(commandLine)).as(err).isZero();
    assertThat(err).isEmpty();
  }

  private void refused(String commandLine, String... message) throws IOException {
    List<String> before = everything();
    assertThat(run(commandLine)).isBetween(1, 2);
    assertThat(err.lines())
        .singleElement()
        .asString()
        .startsWith("tandem: ")
        .contains(message)
        .doesNotContain("a defect");
    assertThat(everything()).isEqualTo(before);
  }

  private List<String> everything() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.map(Path::toString).sorted().toList();
    }
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private byte[] picture(String format, int width, int height, int shade) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int x = 0; x < width; x++) {
      image.setRGB(x, x % height, shade * (x + 1));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, format, bytes);
    return bytes.toByteArray();
  }

  private void pictures() throws IOException {
    for (String kind : List.of("cats", "dogs", "none")) {
      Files.createDirectories(folder.resolve("pets").resolve(kind));
    }
    for (int i = 0; i < 12; i++) {
      Path file = folder.resolve("pets/" + (i % 2 == 0 ? "cats/" : "dogs/") + i + ".png");
      Files.write(file, picture("png", 9, 8, i % 2 == 0 ? 40 : 4000));
    }
    byte[] whole = picture("jpeg", 30, 30, 50);
    Files.write(folder.resolve("pets/cats/cut.jpg"), Arrays.copyOf(whole, whole.length / 3));
    write("pets/dogs/words.png", "this is no picture");
    Files.write(folder.resolve("pets/dogs/dot.png"), picture("png", 1, 1, 9));
    Files.write(folder.resolve("pets/cats/wide.png"), picture("png", 20_000, 2, 9));
  }

  @Test
  void badPicturesAreNamedAndLeftOut() throws IOException {
    pictures();
    succeeds(
        "train --model cnn --hidden 8 --layers 1 --epochs 1 --backend cpu --data @pets --out @run");
    assertThat(out).contains("words.png", "cut.jpg", "none");
    succeeds("predict --run @run --backend cpu --input @pets/dogs/dot.png --output @p.csv");
    List<String> one = Files.readAllLines(folder.resolve("p.csv"));
    assertThat(one.getFirst()).isEqualTo("file,class,cats,dogs");
    assertThat(one.getLast()).startsWith("dot.png,");
    succeeds("predict --run @run --backend cpu --input @pets/dogs --output @p.csv");
    assertThat(out).contains("1 of 8 pictures cannot be read and are left out: words.png");
    assertThat(out).contains("outputs of [7,2] to");
    assertThat(Files.readAllLines(folder.resolve("p.csv")).stream().map(row -> row.split(",")[0]))
        .containsExactly("file", "1.png", "11.png", "3.png", "5.png", "7.png", "9.png", "dot.png");
    succeeds("evaluate --run @run --backend cpu");
    succeeds("evaluate --run @run --backend cpu --data @pets");
    assertThat(out).contains("2 of 16 pictures cannot be read and are left out");
    refused(
        "predict --run @run --backend cpu --input @pets/dogs/words.png --output @q.csv",
        "words.png");
    refused(
        "train --model cnn --epochs 1 --backend cpu --data @pets --out @other --strict", "pets");
    refused(
        "train --model lstm --epochs 1 --backend cpu --data @pets --out @other",
        "preset 'lstm': it takes sequences [T,I], but examples are");
  }

  private static String series(int rows, boolean gaps) {
    StringBuilder text = new StringBuilder("day,price,other\n");
    for (int i = 0; i < rows; i++) {
      boolean gap = gaps && i % 11 == 5;
      text.append(i).append(',').append(gap ? "" : 5 + Math.sin(i)).append(',').append(i % 3);
      text.append('\n');
    }
    return text.toString();
  }

  @Test
  void aSeriesWithGapsIsForecastInItsOwnUnits() throws IOException {
    write("gaps.csv", series(120, true));
    succeeds(
        "train --model gru --hidden 4 --epochs 1 --backend cpu --data @gaps.csv --target price"
            + " --window 8 --horizon 2 --out @run");
    succeeds("predict --run @run --backend cpu --input @gaps.csv --output @p.csv");
    List<String> lines = Files.readAllLines(folder.resolve("p.csv"));
    assertThat(lines.getFirst()).isEqualTo("step,price+1,price+2");
    assertThat(lines.get(1)).startsWith("9,");
    assertThat(lines.getLast()).startsWith("after 120,");
    // Differences and scaled numbers are around 0, prices between 4 and 6.
    assertThat(Double.parseDouble(lines.getLast().split(",")[1])).isBetween(2.0, 8.0);
    succeeds("evaluate --run @run --backend cpu --data @gaps.csv");
    assertThat(out).contains("rmse");
    write("short.csv", series(3, false));
    refused(
        "predict --run @run --backend cpu --input @short.csv --output @q.csv",
        "short.csv has 3 steps, too few for a window of 8 (give a longer series)");
  }

  @Test
  void forecastsBeginWithTheirDates() throws IOException {
    StringBuilder text = new StringBuilder("date,load\n");
    LocalDate first = LocalDate.of(2024, 1, 30);
    for (int i = 0; i < 60; i++) {
      text.append(first.plusDays(i)).append(',').append(5 + Math.sin(i)).append('\n');
    }
    write("load.csv", text.toString());
    succeeds(
        "train --model gru --hidden 4 --epochs 1 --backend cpu --data @load.csv --target load"
            + " --window 8 --out @run");
    succeeds("predict --run @run --backend cpu --input @load.csv --output @p.csv");
    List<String> lines = Files.readAllLines(folder.resolve("p.csv"));
    assertThat(lines.getFirst()).isEqualTo("date,load");
    assertThat(lines.get(1)).startsWith("2024-02-07,");
    assertThat(lines.getLast()).startsWith("after 2024-03-29,");
    assertThat(lines).hasSize(1 + 60 - 8 + 1);
  }

  @Test
  void aTableOfNumbersIsASeriesForANetworkOfSequences() throws IOException {
    write("load.csv", series(120, false));
    succeeds(
        "train --model lstm --hidden 4 --epochs 1 --backend cpu --data @load.csv --target price --out @run");
    assertThat(out).contains("naive (last value)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --data @flat.csv --target price --window 4            | nothing to forecast
          --data @one.csv --target price --window 4             | one.csv
          --data @wave.csv --target price --window 0            | --window is 0
          --data @flat.csv --target cost --window 4             | cost
          --data @one.csv --target price                        | one.csv
          --data @bytes.txt --model char-lm                     | bytes.txt
          --data @line.txt --model char-lm                      | line.txt
          --data @poem.txt --model char-lm --window 5 --bidirectional | reads from both ends
          --data @poem.txt --model char-lm --window 5 --tbptt 5 | --window
          --data @bytes.tsv --model bi-lstm                     | bytes.tsv
          --data @one.tsv --model bi-lstm                       | one.tsv
          --data @line.txt --model tagger                       | line.txt line 1
          --data @line.txt --model lstm                         | line.txt is a text, and preset 'lstm' does not say
          --data @line.txt --model ann                          | bi-lstm and --task classification
          --data @line.txt --model lstm --window 3              | char-lm or word-lm
          --data @wave.csv --target price --window 4 --tbptt 5  | --tbptt
          --data @wave.csv --target price --window 4 --augment flip | --augment
          """)
  void aTrainingThatCannotBeLeavesNothing(String options, String message) throws IOException {
    write("flat.csv", "day,price\n" + "1,7\n".repeat(60));
    write("wave.csv", series(60, false));
    write("one.csv", "day,price\n" + "1,7\n");
    Files.write(folder.resolve("bytes.txt"), new byte[] {'a', (byte) 0xC3, 'b', (byte) 0xFF});
    Files.write(
        folder.resolve("bytes.tsv"),
        "good \u00e9\tyes\nbad\tno\n".repeat(9).getBytes(StandardCharsets.ISO_8859_1));
    write("line.txt", "one line");
    write("poem.txt", "the rose is red, the violet blue, ".repeat(9));
    write("one.tsv", "a text\tyes\n");
    String model = options.contains("--model") ? "" : " --model lstm";
    refused("train --backend cpu --epochs 1 --out @made/for/it " + options + model, message);
  }

  @Test
  void unknownWordsAndLongerTextsAreRead() throws IOException {
    StringBuilder texts = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      texts.append("a good ".repeat(i % 4 + 1)).append("film\tyes\n");
      texts.append("a bad ".repeat(i % 4 + 1)).append("film\tno\n");
    }
    write("films.tsv", texts.toString());
    succeeds(
        "train --model bi-lstm --hidden 4 --epochs 1 --backend cpu --data @films.tsv --out @run"
            + " --validation-split 0");
    write("new.txt", "never seen words\n" + "good ".repeat(90) + "\n\nfilm\n");
    succeeds("predict --run @run --backend cpu --input @new.txt --output @p.csv --probabilities");
    assertThat(out).contains("1 texts have no token and become one unknown token");
    List<String> predictions = Files.readAllLines(folder.resolve("p.csv"));
    assertThat(predictions).hasSize(5);
    assertThat(predictions.getFirst()).isEqualTo("label,no,yes");
    succeeds("evaluate --run @run --backend cpu --data @films.tsv");
    assertThat(out).contains("accuracy");
    Files.write(folder.resolve("bytes.txt"), new byte[] {'a', (byte) 0xFF});
    refused("predict --run @run --backend cpu --input @bytes.txt --output @q.csv", "bytes.txt");
    refused(
        "predict --run @run --backend cpu --input @run/model.json/x --output @q.csv", "model.json");
  }

  @Test
  void wordsAreTagged() throws IOException {
    write("tags.txt", "the\tD\ncat\tN\n\na\tD\nbig\tA\ndog\tN\nbarks\tV\n\n".repeat(12));
    succeeds(
        "train --model tagger --hidden 4 --epochs 1 --backend cpu --data @tags.txt"
            + " --out @run");
    write("new.txt", "a\nzebra\n\nthe\nbig\ncat\nbarks\nloudly\n");
    succeeds("predict --run @run --backend cpu --input @new.txt --output @p.csv");
    List<String> lines = Files.readAllLines(folder.resolve("p.csv"));
    assertThat(lines).hasSize(8);
    assertThat(lines.getFirst()).startsWith("example,step,");
    assertThat(lines.get(1)).startsWith("1,1,");
    assertThat(lines.getLast()).startsWith("2,5,");
    succeeds("evaluate --run @run --backend cpu --data @tags.txt");
  }

  /** A class for each step of arrays: y.npy is [N,T]. */
  @Test
  void stepsOfArraysHaveClasses() throws IOException {
    float[] x = new float[20 * 5 * 2];
    int[] y = new int[20 * 5];
    for (int i = 0; i < y.length; i++) {
      x[2 * i] = i % 3;
      y[i] = i % 7 == 6 ? -1 : i % 3;
    }
    Npy.write(folder.resolve("x.npy"), HostArray.of(x, 20, 5, 2));
    Npy.write(folder.resolve("y.npy"), HostArray.of(y, 20, 5));
    succeeds(
        "train --model tagger --hidden 4 --epochs 1 --backend cpu --data @x.npy --labels @y.npy"
            + " --out @run");
    succeeds("predict --run @run --backend cpu --input @x.npy --output @p.npy");
    assertThat(Npy.read(folder.resolve("p.npy")).shape()).containsExactly(20, 5, 3);
    succeeds("evaluate --run @run --backend cpu --data @x.npy --labels @y.npy");
    y[3] = -100;
    Npy.write(folder.resolve("bad.npy"), HostArray.of(y, 20, 5));
    refused(
        "train --model tagger --epochs 1 --backend cpu --data @x.npy --labels @bad.npy --out @o",
        "class id -100 in row 0",
        "-1");
    Npy.write(folder.resolve("few.npy"), HostArray.of(Arrays.copyOf(y, 80), 20, 4));
    refused(
        "train --model tagger --epochs 1 --backend cpu --data @x.npy --labels @few.npy --out @o",
        "number of steps");
  }

  /** Pictures as Keras saves them: uint8 [N,C,H,W]. */
  @Test
  void bytesOfPicturesAreNumbers() throws IOException {
    byte[] header =
        "{'descr': '|u1', 'fortran_order': False, 'shape': (20, 1, 4, 4), }\n"
            .getBytes(StandardCharsets.ISO_8859_1);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) header.length, 0});
    file.write(header);
    int[] y = new int[20];
    for (int i = 0; i < 20 * 16; i++) {
      y[i / 16] = i / 16 % 2;
      file.write(y[i / 16] * 200 + i % 16);
    }
    Files.write(folder.resolve("x.npy"), file.toByteArray());
    Npy.write(folder.resolve("y.npy"), HostArray.of(y, 20));
    succeeds(
        "train --model cnn --hidden 4 --layers 1 --epochs 1 --backend cpu --data @x.npy"
            + " --labels @y.npy --out @run");
    assertThat(out).contains("--standardize scales them");
    succeeds("evaluate --run @run --backend cpu --data @x.npy --labels @y.npy");
    succeeds("predict --run @run --backend cpu --input @x.npy --output @p.npy");
    assertThat(out).contains("outputs of [20,2] to");
    succeeds(
        "predict --model @run/model.json --weights @run/model.safetensors --backend cpu"
            + " --input @x.npy --output @q.npy");
    assertThat(folder.resolve("q.npy")).hasSameBinaryContentAs(folder.resolve("p.npy"));
  }

  private void tokens(int steps) {
    int[] x = new int[24 * steps];
    int[] tags = new int[24 * steps];
    int[] y = new int[24];
    for (int i = 0; i < 24; i++) {
      y[i] = i % 2;
      for (int t = 0; t <= i % 5; t++) {
        x[i * steps + t] = 1 + (i + t) % 7;
        tags[i * steps + t] = (i + t) % 2;
      }
    }
    Npy.write(folder.resolve("x%d.npy".formatted(steps)), HostArray.of(x, 24, steps));
    Npy.write(folder.resolve("y%d.npy".formatted(steps)), HostArray.of(y, 24));
    Npy.write(folder.resolve("tags%d.npy".formatted(steps)), HostArray.of(tags, 24, steps));
  }

  /** More padding gives the same weights, the same metrics and the same outputs. */
  @ParameterizedTest
  @CsvSource({"y, last", "tags, sequence"})
  void paddingOfTokensChangesNothing(String labels, String returns) throws IOException {
    write(
        "model.json",
        """
        {"name": "words", "input": {"shape": ["T"], "dtype": "int32"}, "layers": [
          {"type": "embedding", "name": "emb", "vocabulary": 8, "dimension": 4, "paddingIndex": 0},
          {"type": "gru", "name": "gru", "hiddenSize": 4, "bidirectional": true, "return": "%s"},
          {"type": "linear", "name": "head", "units": 2}]}
        """
            .formatted(returns));
    List<String> metrics = new ArrayList<>();
    for (int steps : new int[] {5, 9}) {
      tokens(steps);
      String data = "--data @x%d.npy --labels @%s%d.npy".formatted(steps, labels, steps);
      String run = "--run @run%d --backend cpu ".formatted(steps);
      succeeds(
          "train --model @model.json --epochs 2 --backend cpu --out @run" + steps + " " + data);
      succeeds("evaluate " + run);
      metrics.add(out);
      succeeds("evaluate " + run + data);
      metrics.add(out);
      succeeds("predict %s --input @x%d.npy --output @p%d.npy".formatted(run, steps, steps));
      assertThat(Npy.read(folder.resolve("p%d.npy".formatted(steps))).shape())
          .containsExactly(returns.equals("last") ? new int[] {24, 2} : new int[] {24, steps, 2});
      succeeds("predict %s --input @x%d.npy --output @p%d.csv".formatted(run, steps, steps));
      succeeds("inspect --run @run%d --backend cpu --layer gru".formatted(steps));
    }
    assertThat(metrics.subList(2, 4)).isEqualTo(metrics.subList(0, 2));
    for (String file : List.of("run%d/model.safetensors", "p%d.csv")) {
      assertThat(folder.resolve(file.formatted(9)))
          .hasSameBinaryContentAs(folder.resolve(file.formatted(5)));
    }
  }
}
