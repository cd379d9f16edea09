package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  private static final List<String> TRAININGS =
      List.of(
          "--model perceptron --dataset iris --optimizer sgd --momentum 0.9 --nesterov",
          "--model ann --dataset digits --hidden 32 --dropout 0.2 --clip-norm 1",
          "--model ann --dataset wine --hidden 16 --optimizer adamw --clip-value 0.01 --batch-size 7",
          "--model ann --dataset wine --hidden 16 --optimizer rmsprop --momentum 0.5",
          "--model ann --dataset wine --hidden 16 --optimizer adagrad",
          "--model cnn --dataset digits --augment shift=1 --batch-size 16",
          "--model lenet --dataset digits --batch-size 16",
          "--model deep-cnn --dataset digits --hidden 4 --batch-size 8",
          "--model rnn --dataset sunspots --hidden 8",
          "--model deep-rnn --dataset sunspots --hidden 8",
          "--model lstm --dataset sunspots --hidden 8 --batch-size 17",
          "--model deep-lstm --dataset sunspots --hidden 8",
          "--model gru --dataset sunspots --hidden 8",
          "--model deep-gru --dataset sunspots --hidden 8",
          "--model bi-lstm --dataset sunspots --hidden 8");

  @TempDir private static Path folder;

  @BeforeAll
  static void train() throws Exception {
    assumeTrue(
        Files.exists(STAND_IN.resolve("libcuda.so.1")),
        "the CUDA stand-in was not built (build engine-cuda where there is a C++ compiler)");
    Path list = folder.resolve("trainings.txt");
    Files.write(list, TRAININGS);
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
        run(trainings.get(number), backend, folder.resolve(backend + number));
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
