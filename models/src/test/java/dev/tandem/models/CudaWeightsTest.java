package dev.tandem.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Philox;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.layers.Binding;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.RecurrentLayer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Recurrent weights saved on the GPU backend's stand-in, where they lie as cuDNN wants them, give
 * the same outputs on the CPU; and those saved there give the same on the stand-in again.
 * Everything is computed in a program of its own, which has the stand-in's libraries.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudaWeightsTest {
  /** Outputs are below 1, sums of some ten products in FLOAT32, through six steps. */
  private static final double TOLERANCE = 1e-5;

  private static final Path STAND_IN = Path.of("..", "engine-cuda", "target", "standin");
  private static final int STEPS = 6;
  private static final int BATCH = 5;
  private static final int FEATURES = 3;

  private Path folder;

  /** A stack of recurrent layers, and whether its sequences have lengths of their own. */
  record Stack(RecurrentCell cell, int layers, boolean bidirectional, boolean ragged) {
    String file() {
      return "%s-%d-%s-%s"
          .formatted(cell, layers, bidirectional ? "both" : "one", ragged ? "lengths" : "whole");
    }

    private Network network() {
      RecurrentLayer.Settings settings =
          new RecurrentLayer.Settings(cell, 4, layers, bidirectional, 0, true);
      return Network.builder("n", Shape.of(STEPS, FEATURES)).recurrent(settings).build();
    }
  }

  static List<Stack> stacks() {
    List<Stack> stacks = new ArrayList<>();
    for (RecurrentCell cell : RecurrentCell.values()) {
      for (int layers = 1; layers <= 3; layers++) {
        for (boolean bidirectional : new boolean[] {false, true}) {
          for (boolean ragged : new boolean[] {false, true}) {
            stacks.add(new Stack(cell, layers, bidirectional, ragged));
          }
        }
      }
    }
    return stacks;
  }

  @BeforeAll
  void compute(@TempDir Path directory) throws Exception {
    folder = directory;
    assumeTrue(
        Files.exists(STAND_IN.resolve("libcuda.so.1")),
        "the CUDA stand-in was not built (build engine-cuda where there is a C++ compiler)");
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Dtandem.cuda.standin=true",
                "-Dtandem.cuda.libraries=" + STAND_IN.toAbsolutePath(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                CudaWeightsTest.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(program.waitFor()).as(output).isZero();
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void goThereAndBackWithEqualOutputs(Stack stack) throws IOException {
    List<double[]> outputs =
        Files.readAllLines(folder.resolve(stack.file() + ".txt")).stream()
            .map(line -> Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray())
            .toList();
    double[] saved = outputs.get(0);
    double[] onCpu = outputs.get(1);
    assertThat(Arrays.stream(saved).filter(value -> value != 0).count()).isGreaterThan(10);
    for (int i = 0; i < saved.length; i++) {
      assertThat(Math.abs(onCpu[i] - saved[i])).as("output %d", i).isLessThan(TOLERANCE);
    }
    assertThat(outputs.get(2)).as("back on cuda, bit by bit").isEqualTo(saved);
  }

  /** Writes for each stack a line of outputs on cuda, on cpu with what it saved, and back. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    try (Backend cuda = Backends.open("cuda", BackendOptions.defaults());
        Backend cpu = Backends.open("cpu", BackendOptions.defaults().withThreads(1))) {
      for (Stack stack : stacks()) {
        Path first = folder.resolve(stack.file() + ".first.safetensors");
        Path second = folder.resolve(stack.file() + ".second.safetensors");
        Files.write(
            folder.resolve(stack.file() + ".txt"),
            List.of(
                outputs(stack, cuda, null, first),
                outputs(stack, cpu, first, second),
                outputs(stack, cuda, second, folder.resolve("last.safetensors"))));
      }
    }
  }

  /** Returns the outputs with the weights of a file, or new ones of null, and saves the weights. */
  private static String outputs(Stack stack, Backend backend, Path from, Path to) {
    Network network = stack.network();
    Executor.Size size = new Executor.Size(BATCH, STEPS, false, stack.ragged(), false);
    Executor.Attachment<Program> itself = (Binding binding, Program program) -> program;
    try (Parameters parameters =
            new Parameters(
                network.parameters(Initializer.Scheme.PYTORCH),
                backend,
                DataType.FLOAT32,
                false,
                0);
        Executor executor =
            new Executor(
                network, parameters, backend, DataType.FLOAT32, false, List.of(size), itself)) {
      parameters.initialize(from == null ? 1 : 2);
      if (from != null) {
        WeightsFile.load(from, parameters);
      }
      WeightsFile.save(to, parameters);
      Program program = executor.program(size, itself);
      Philox random = new Philox(3, 0);
      float[] x = new float[STEPS * BATCH * FEATURES];
      for (int i = 0; i < x.length; i++) {
        x[i] = random.nextFloat() * 2 - 1;
      }
      backend.transfers().upload(x, 0, program.input());
      if (stack.ragged()) {
        backend.transfers().upload(new int[] {3, 6, 1, 2, 5}, 0, program.lengths());
      }
      program.forward();
      Tensor y = program.output();
      double[] outputs = new double[Math.toIntExact(y.elements())];
      backend.transfers().download(y, outputs, 0);
      return Arrays.stream(outputs).mapToObj(Double::toString).collect(Collectors.joining(" "));
    }
  }
}
