package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Npy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the command line answers to wrong setups of the GPU: one line that names the remedy, and
 * exit code 1. Each command runs in a program of its own, on the stand-in's libraries.
 */
class CudaSetupTest {
  private static final Path STAND_IN = Path.of("..", "engine-cuda", "target", "standin");

  private static final List<String> TRAIN =
      List.of("train", "--model", "perceptron", "--dataset", "iris", "--backend", "cuda");

  @TempDir private Path folder;
  private Path libraries;
  private Path home;

  /** How a program ended. */
  private record Outcome(int code, List<String> out, List<String> err) {
    /** Returns the one line of the error, which the JVM's own warnings are no part of. */
    String error() {
      assertThat(code).as(String.join("\n", err)).isEqualTo(1);
      List<String> lines = err.stream().filter(line -> !line.startsWith("WARNING: ")).toList();
      assertThat(lines).hasSize(1);
      return lines.get(0);
    }

    Outcome succeeded() {
      assertThat(code).as(String.join("\n", err)).isZero();
      return this;
    }
  }

  @BeforeAll
  static void requireStandIn() {
    assumeTrue(
        Files.exists(STAND_IN.resolve("libcuda.so.1")),
        "the CUDA stand-in was not built (build engine-cuda where there is a C++ compiler)");
  }

  @BeforeEach
  void folders() throws IOException {
    folder = folder.toRealPath();
    libraries = Files.createDirectory(folder.resolve("libraries"));
    home = Files.createDirectory(folder.resolve("home"));
  }

  /** Runs a command on the stand-in as it is. */
  private Outcome onStandIn(Map<String, String> environment, List<String> arguments)
      throws Exception {
    Path all = STAND_IN.toAbsolutePath();
    return run(
        List.of("-Dtandem.cuda.standin=true", "-Dtandem.cuda.libraries=" + all),
        environment,
        arguments);
  }

  /** Runs a command that takes what is in the folder of libraries for NVIDIA's. */
  private Outcome onMadeUpMachine(Map<String, String> environment, List<String> arguments)
      throws Exception {
    return run(
        List.of("-Dtandem.cuda.libraries=" + libraries, "-Duser.home=" + home),
        environment,
        arguments);
  }

  private Outcome run(
      List<String> properties, Map<String, String> environment, List<String> arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(properties);
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-cp", classPath, Tandem.class.getName()));
    command.addAll(arguments);
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    // Nothing that is set here leads to another CUDA; compiled kernels are kept with what was
    // built.
    builder.environment().keySet().retainAll(Set.of("LANG", "PATH"));
    Path cache = Path.of("target", "cache").toAbsolutePath();
    builder.environment().put("XDG_CACHE_HOME", cache.toString());
    builder.environment().putAll(environment);
    int code = builder.start().waitFor();
    return new Outcome(code, lines(out), lines(err));
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8).lines().toList();
  }

  /**
   * Puts the stand-in's libraries into the folder, but for some; skips where there are real ones.
   */
  private void install(String... without) throws Exception {
    String reason = onMadeUpMachine(Map.of(), TRAIN).error();
    assumeTrue(
        reason.contains("no libcuda.so.1") && reason.contains("no libcudnn.so"),
        "this machine has a driver or a cuDNN of its own");
    try (Stream<Path> files = Files.list(STAND_IN)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("lib")).toList()) {
        String name = file.getFileName().toString();
        if (Arrays.stream(without).noneMatch(name::startsWith)) {
          Files.copy(file, libraries.resolve(name));
        }
      }
    }
    Files.copy(STAND_IN.resolve("prelude.h"), libraries.resolve("prelude.h"));
  }

  @Test
  void cudnnIsMissing() throws Exception {
    install("libcudnn");
    assertThat(onMadeUpMachine(Map.of(), TRAIN).error())
        .isEqualTo(
            "tandem: backend 'cuda' is not available: cuDNN: no libcudnn.so.9 or .8"
                + " (python3 -m pip install --target %s/.local/share/tandem/cuda/cudnn nvidia-cudnn-cu12)"
                    .formatted(home));
  }

  @Test
  void cudnnIsForAnotherCuda() throws Exception {
    install("libcudnn");
    Path wheel = Files.createDirectories(libraries.resolve("nvidia/cudnn/lib"));
    Files.createDirectory(libraries.resolve("nvidia_cudnn_cu13-9.13.0.dist-info"));
    Path cudnn = Files.copy(STAND_IN.resolve("libcudnn.so.9"), wheel.resolve("libcudnn.so.9"));
    assertThat(onMadeUpMachine(Map.of(), TRAIN).error())
        .startsWith(
            "tandem: backend 'cuda' is not available: cuDNN: %s is not for CUDA 12 (python3 -m pip install"
                .formatted(cudnn))
        .endsWith("nvidia-cudnn-cu12)");
  }

  @Test
  void theDriverIsTooOld() throws Exception {
    install();
    assertThat(onMadeUpMachine(Map.of("TANDEM_STANDIN_DRIVER", "11080"), TRAIN).error())
        .matches(
            "tandem: backend 'cuda' is not available: driver: too old: \\S+/libcuda.so.1 runs CUDA 11.8,"
                + " 12.0 is the oldest that will do \\(.+\\)");
  }

  /** The advice is taken, and enough. */
  @Test
  void theDeviceHasTooLittleMemoryForTheBatch() throws Exception {
    Map<String, String> small = Map.of("TANDEM_STANDIN_MEMORY", "" + (220L << 20));
    List<String> train =
        List.of(
            "train",
            "--model",
            "ann",
            "--dataset",
            "digits",
            "--hidden",
            "20000",
            "--layers",
            "1",
            "--backend",
            "cuda",
            "--max-steps",
            "1",
            "--out",
            folder.resolve("run").toString(),
            "--batch-size");
    String error = onStandIn(small, with(train, "1200")).error();
    Matcher parts =
        Pattern.compile(
                "tandem: ACTIVATIONS need (\\d+) MiB on Tandem stand-in .+, where (\\d+) MiB of 220 MiB"
                    + " are free \\(the largest batch that fits is --batch-size (\\d+); or end other"
                    + " programs on the device\\)")
            .matcher(error);
    assertThat(parts.matches()).as(error).isTrue();
    assertThat(Integer.parseInt(parts.group(1))).isGreaterThan(Integer.parseInt(parts.group(2)));
    assertThat(Integer.parseInt(parts.group(3))).isBetween(100, 1199);
    onStandIn(small, with(train, parts.group(3))).succeeded();
  }

  @Test
  void theDeviceHasTooLittleMemoryForTheModel() throws Exception {
    Map<String, String> small = Map.of("TANDEM_STANDIN_MEMORY", "" + (4L << 20));
    List<String> train =
        List.of(
            "train",
            "--model",
            "ann",
            "--dataset",
            "digits",
            "--hidden",
            "4096",
            "--backend",
            "cuda",
            "--out",
            folder.resolve("run").toString());
    assertThat(onStandIn(small, train).error())
        .matches(
            "tandem: PARAMETERS need \\d+ MiB on Tandem stand-in .+, where \\d+ MiB of 4 MiB are free"
                + " \\(use a smaller batch or model, or end other programs on the device\\)");
  }

  /** Layers that recur take sequences of any length; what follows a flatten cannot. */
  @Test
  void sequencesAreLongerThanTheModelTakes() throws Exception {
    String run = folder.resolve("run").toString();
    Path model = folder.resolve("model.json");
    Files.writeString(
        model,
        """
        {"name": "flat", "input": {"shape": [5, 3], "dtype": "float32"},
         "layers": [{"type": "flatten"}, {"type": "linear", "units": 2}]}
        """);
    trainOnSequences(model, run);
    assertThat(predict(run, array(4, 9, 3)).error())
        .isEqualTo(
            "tandem: network 'flat' takes examples of shape [5,3], but those of %s have [9,3]"
                    .formatted(folder.resolve("x.npy"))
                + " (change the input shape of the model or of the data)");
  }

  @Test
  void recurrentLayersTakeLongerSequences() throws Exception {
    String run = folder.resolve("run").toString();
    Path model = folder.resolve("model.json");
    Files.writeString(
        model,
        """
        {"name": "free", "input": {"shape": ["T", 3], "dtype": "float32"},
         "layers": [{"type": "lstm", "hiddenSize": 4, "return": "last"}, {"type": "linear", "units": 2}]}
        """);
    trainOnSequences(model, run);
    predict(run, array(4, 9, 3)).succeeded();
    assertThat(Npy.read(folder.resolve("y.npy")).shape()).containsExactly(4, 2);
  }

  @Test
  void gradientsAreThoseOfTheScalarBackend() throws Exception {
    List<String> out =
        onStandIn(Map.of(), List.of("gradcheck", "--backend", "cuda")).succeeded().out();
    assertThat(out.get(out.size() - 1)).matches("all \\d+ passed");
  }

  private void trainOnSequences(Path model, String run) throws Exception {
    Path labels = folder.resolve("labels.npy");
    Npy.write(labels, HostArray.of(new int[] {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, 12));
    List<String> train =
        List.of(
            "train",
            "--model",
            model.toString(),
            "--data",
            array(12, 5, 3),
            "--labels",
            labels.toString(),
            "--backend",
            "cuda",
            "--max-steps",
            "2",
            "--out",
            run);
    onStandIn(Map.of(), train).succeeded();
  }

  private Outcome predict(String run, String input) throws Exception {
    return onStandIn(
        Map.of(),
        List.of(
            "predict",
            "--run",
            run,
            "--backend",
            "cuda",
            "--input",
            input,
            "--output",
            folder.resolve("y.npy").toString()));
  }

  /** Writes numbers of some shape and returns the file. */
  private String array(int examples, int steps, int features) {
    float[] values = new float[examples * steps * features];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7 % 11 / 11f;
    }
    Path file = folder.resolve("x.npy");
    Npy.write(file, HostArray.of(values, examples, steps, features));
    return file.toString();
  }

  private static List<String> with(List<String> arguments, String last) {
    List<String> all = new ArrayList<>(arguments);
    all.add(last);
    return all;
  }
}
