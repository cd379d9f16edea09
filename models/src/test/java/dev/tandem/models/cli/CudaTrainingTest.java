package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Training on the GPU backend's stand-in goes like training on the CPU: the same first weights, the
 * same order of examples, the same dropout masks, and so, in every step, the same loss but for
 * rounding. Both run in a program of its own, which has the stand-in's libraries.
 */
class CudaTrainingTest {
  /** The loss is compared as a number of order 1: below that absolutely, above it relatively. */
  private static final double TOLERANCE = 1e-4;

  private static final Path STAND_IN = Path.of("..", "engine-cuda", "target", "standin");

  private static final Path CACHE = Path.of("target", "cache");

  /**
   * Convolutions round differently, and Adam, which divides by a gradient's size, makes steps of
   * full length of gradients that are rounding alone. So the cnn is trained by plain descent.
   */
  private static final List<String> TRAININGS =
      List.of(
          "--model perceptron --dataset iris --optimizer sgd --momentum 0.9 --nesterov",
          "--model ann --dataset digits --hidden 32 --dropout 0.2 --clip-norm 1",
          "--model ann --dataset wine --hidden 16 --optimizer adamw --clip-value 0.01 --batch-size 7",
          "--model ann --dataset wine --hidden 16 --optimizer rmsprop --momentum 0.5",
          "--model ann --dataset wine --hidden 16 --optimizer adagrad",
          "--model cnn --dataset digits --augment shift=1 --batch-size 16 --optimizer sgd --lr 0.01",
          "--model lenet --data @pictures --batch-size 4",
          "--model deep-cnn --dataset digits --hidden 4 --batch-size 8",
          "--model rnn --dataset sunspots --hidden 8",
          "--model deep-rnn --dataset sunspots --hidden 8",
          "--model lstm --dataset sunspots --hidden 8 --batch-size 17",
          "--model deep-lstm --dataset sunspots --hidden 8",
          "--model gru --dataset sunspots --hidden 8",
          "--model deep-gru --dataset sunspots --hidden 8",
          "--model bi-lstm --dataset sunspots --hidden 8",
          "--model detector --dataset scenes --hidden 4 --batch-size 2",
          "--model tagger --data @tags.txt --task tagging --hidden 8 --batch-size 4",
          "--model char-lm --data @text.txt --hidden 8 --batch-size 4 --tbptt 20",
          "--model word-lm --data @text.txt --hidden 8 --batch-size 4");

  @TempDir private static Path folder;

  @BeforeAll
  static void train() throws Exception {
    assumeTrue(
        Files.exists(STAND_IN.resolve("libcuda.so.1")),
        "the CUDA stand-in was not built (build engine-cuda where there is a C++ compiler)");
    writeExamples();
    Files.write(folder.resolve("trainings.txt"), TRAININGS);
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Dtandem.cuda.standin=true",
                "-Dtandem.cuda.libraries=" + STAND_IN.toAbsolutePath(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                CudaTrainingTest.class.getName(),
                folder.toString())
            .redirectErrorStream(true);
    // Compiled kernels are kept with what was built, not with what is the user's.
    builder.environment().put("XDG_CACHE_HOME", CACHE.toAbsolutePath().toString());
    Process program = builder.start();
    String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(program.waitFor()).as(output).isZero();
  }

  /** Writes what no bundled data set has: pictures of LeNet's size, words with tags, a text. */
  private static void writeExamples() throws IOException {
    for (int number = 0; number < 80; number++) {
      Path pictures = folder.resolve("pictures").resolve(number % 2 == 0 ? "wide" : "tall");
      Files.createDirectories(pictures);
      BufferedImage picture = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
      Graphics2D pen = picture.createGraphics();
      pen.drawOval(2, 2, number % 2 == 0 ? 20 : 8, number % 2 == 0 ? 8 : 20 - number % 7);
      pen.dispose();
      ImageIO.write(picture, "png", pictures.resolve(number + ".png").toFile());
    }
    StringBuilder tags = new StringBuilder();
    StringBuilder text = new StringBuilder();
    for (int sentence = 0; sentence < 80; sentence++) {
      for (int word = 0; word < 4 + sentence % 5; word++) {
        int kind = (sentence * 7 + word * 3) % 5;
        tags.append("word").append(kind).append('\t').append("tag").append(kind % 3).append('\n');
        text.append("word").append((char) ('a' + kind)).append(' ');
      }
      tags.append('\n');
      text.append(".\n");
    }
    Files.writeString(folder.resolve("tags.txt"), tags);
    Files.writeString(folder.resolve("text.txt"), text);
  }

  static List<String> trainings() {
    return TRAININGS;
  }

  @ParameterizedTest
  @MethodSource("trainings")
  void everyStepHasTheLossOfTheCpu(String training) throws IOException {
    int number = TRAININGS.indexOf(training);
    double[] cpu = losses(folder.resolve("cpu" + number));
    double[] cuda = losses(folder.resolve("cuda" + number));
    assertThat(cuda).hasSameSizeAs(cpu).hasSizeGreaterThan(5);
    for (int step = 0; step < cpu.length; step++) {
      double difference = Math.abs(cuda[step] - cpu[step]);
      assertThat(difference / Math.max(1, Math.abs(cpu[step])))
          .as("step %d: %s on the CPU, %s on the stand-in", step + 1, cpu[step], cuda[step])
          .isLessThan(TOLERANCE);
    }
  }

  private static double[] losses(Path run) throws IOException {
    return Files.readAllLines(run.resolve("steps.csv")).stream()
        .skip(1)
        .mapToDouble(line -> Double.parseDouble(line.split(",")[2]))
        .toArray();
  }

  /** Trains everything in a folder's list on both backends. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    List<String> trainings = Files.readAllLines(folder.resolve("trainings.txt"));
    for (int number = 0; number < trainings.size(); number++) {
      for (String backend : List.of("cpu", "cuda")) {
        String training = trainings.get(number).replace("@", folder + "/");
        run(training, backend, folder.resolve(backend + number));
      }
    }
  }

  private static void run(String training, String backend, Path out) {
    List<String> words = new ArrayList<>(List.of("train"));
    words.addAll(List.of(training.split(" ")));
    words.addAll(List.of("--backend", backend, "--threads", "1", "--seed", "5"));
    words.addAll(List.of("--max-steps", "12", "--out", out.toString()));
    StringWriter errors = new StringWriter();
    int code =
        Tandem.execute(
            words.toArray(String[]::new),
            new PrintWriter(new StringWriter()),
            new PrintWriter(errors));
    if (code != 0) {
      throw new IllegalStateException(
          "%s on %s: exit code %d, %s".formatted(training, backend, code, errors));
    }
  }
}
