package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.tandem.datasets.Augmentation;
import dev.tandem.datasets.Dataset;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Replayable;
import dev.tandem.engine.Shape;
import dev.tandem.models.Network;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.RecurrentLayer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole training step of the GPU backend is one graph: captured once for each size of batches,
 * replayed from then on with the results of the calls themselves, without an object on the Java
 * heap. On the stand-in, in a program of its own, which writes down what it saw.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudaStepTest {
  private static final Path STAND_IN = Path.of("..", "engine-cuda", "target", "standin");
  private static final int EPOCHS = 4;

  private List<String> seen;

  @BeforeAll
  void train(@TempDir Path folder) throws Exception {
    assumeTrue(
        Files.exists(STAND_IN.resolve("libcuda.so.1")),
        "the CUDA stand-in was not built (build engine-cuda where there is a C++ compiler)");
    Path file = folder.resolve("seen.txt");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dtandem.cuda.standin=true",
                "-Dtandem.cuda.libraries=" + STAND_IN.toAbsolutePath(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                CudaStepTest.class.getName(),
                file.toString())
            .redirectErrorStream(true);
    builder
        .environment()
        .put("XDG_CACHE_HOME", Path.of("target", "cache").toAbsolutePath().toString());
    Process program = builder.start();
    String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(program.waitFor()).as(output).isZero();
    seen = Files.readAllLines(file);
  }

  private String line(String name) {
    return seen.stream()
        .filter(line -> line.startsWith(name + ": "))
        .map(line -> line.substring(name.length() + 2))
        .findFirst()
        .orElseThrow();
  }

  /** Lengths come in buckets, and the last batch of each is smaller. */
  @Test
  void everySizeIsCapturedOnceAndNoMore() {
    List<String> counts = List.of(line("graphs after each epoch").split(" "));
    int sizes = Integer.parseInt(line("sizes"));
    assertThat(sizes).isGreaterThan(3);
    assertThat(counts).hasSize(EPOCHS);
    assertThat(line("graphs of training")).isEqualTo("" + sizes);
    assertThat(counts.get(EPOCHS - 1))
        .as("evaluation's are captured by the third")
        .isEqualTo(counts.get(2));
  }

  @Test
  void replayEqualsCallsBitByBit() {
    assertThat(line("replayed")).isEqualTo(line("called")).isNotEmpty();
    assertThat(line("replayed with dropout")).isEqualTo(line("called with dropout")).isNotEmpty();
    assertThat(line("graphs of calls")).isEqualTo("0");
  }

  @Test
  void replayedStepsAllocateNothing() {
    assertThat(line("bytes of the best window")).isEqualTo("0");
  }

  /** Trains and writes down what it saw. */
  public static void main(String[] arguments) throws IOException {
    List<String> seen = new ArrayList<>();
    sequences(seen);
    dropout(seen);
    allocation(seen);
    Files.write(Path.of(arguments[0]), seen);
  }

  private static void sequences(List<String> seen) {
    int count = 50;
    Dataset dataset =
        TrainingFixtures.arrays(
            TrainingFixtures.series(3, 3, TrainingFixtures.lengths(count, 9)),
            TrainingFixtures.ids(count, 3));
    Network network =
        Network.builder("lstm", Shape.of(9, 3))
            .recurrent(new RecurrentLayer.Settings(RecurrentCell.LSTM, 4, 1, true, 0, false))
            .linear(3)
            .build();
    TrainingOptions options = options(EPOCHS, 8);
    seen.add(
        "sizes: " + new Batches(network, dataset.train().inputs(), 8, false).sizes(true).size());
    List<String> graphs = new ArrayList<>();
    TreeMap<Integer, Integer> training = new TreeMap<>();
    try (Backend backend = cuda()) {
      seen.add(
          "replayed: "
              + trained(
                  network,
                  dataset,
                  backend,
                  options,
                  new TrainingListener() {
                    @Override
                    public void step(
                        long step, int epoch, double loss, double rate, double norm, double speed) {
                      training.put(epoch, graphs(backend));
                    }

                    @Override
                    public void epoch(EpochRecord epoch, Trainer trainer) {
                      graphs.add("" + graphs(backend));
                    }
                  }));
    }
    seen.add("graphs of training: " + training.get(1));
    seen.add("graphs after each epoch: " + String.join(" ", graphs));
    try (Backend backend = cuda()) {
      seen.add(
          "called: " + trained(network, dataset, calling(backend), options, TrainingListener.NONE));
      seen.add("graphs of calls: " + graphs(backend));
    }
  }

  private static void dropout(List<String> seen) {
    Dataset dataset = TrainingFixtures.iris();
    Network network = TrainingFixtures.ann(dataset, 8, 0.3);
    for (boolean isReplayed : new boolean[] {true, false}) {
      try (Backend backend = cuda()) {
        Backend used = isReplayed ? backend : calling(backend);
        String what = isReplayed ? "replayed" : "called";
        seen.add(
            what
                + " with dropout: "
                + trained(network, dataset, used, options(EPOCHS, 16), TrainingListener.NONE));
      }
    }
  }

  /** Class loading and such end somewhere: one window without an object is looked for. */
  private static void allocation(List<String> seen) {
    int window = 20;
    int windows = 60;
    Dataset dataset =
        TrainingFixtures.arrays(
            TrainingFixtures.random(1, 4 * window, 8), TrainingFixtures.ids(4 * window, 10));
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] begin = new long[1];
    long[] best = {Long.MAX_VALUE};
    try (Backend backend = cuda()) {
      trained(
          TrainingFixtures.ann(dataset, 8, 0.2),
          dataset,
          backend,
          options(windows, 4),
          new TrainingListener() {
            @Override
            public void step(
                long step, int epoch, double loss, double rate, double norm, double speed) {
              long now = threads.getTotalThreadAllocatedBytes();
              if (step % window == 1) {
                begin[0] = now; // Before it lay the shuffle of the epoch.
              } else if (step % window == 0) {
                best[0] = Math.min(best[0], now - begin[0]);
              }
            }
          });
    }
    seen.add("bytes of the best window: " + best[0]);
  }

  private static TrainingOptions options(int epochs, int batchSize) {
    return new TrainingOptions(
        epochs,
        batchSize,
        Loss.CCE,
        OptimizerSettings.Kind.ADAM.defaults(),
        Schedule.COSINE,
        2,
        1,
        1,
        1,
        true,
        Long.MAX_VALUE,
        0,
        Initializer.Scheme.DEFAULT,
        Augmentation.NONE,
        false);
  }

  /** Returns all losses and final weights, in bits. */
  private static String trained(
      Network network,
      Dataset dataset,
      Backend backend,
      TrainingOptions options,
      TrainingListener listener) {
    StringBuilder bits = new StringBuilder();
    try (Trainer trainer = new Trainer(network, dataset, backend, options)) {
      TrainingResult result =
          trainer.fit(
              new TrainingListener() {
                @Override
                public void step(
                    long step, int epoch, double loss, double rate, double norm, double speed) {
                  if (epoch <= EPOCHS) {
                    bits.append(Float.floatToRawIntBits((float) loss)).append(' ');
                  }
                  listener.step(step, epoch, loss, rate, norm, speed);
                }

                @Override
                public void epoch(EpochRecord epoch, Trainer of) {
                  listener.epoch(epoch, of);
                }
              });
      bits.append(Double.doubleToRawLongBits(result.training().loss())).append(' ');
      bits.append(Arrays.hashCode(TrainingFixtures.weights(trainer, backend)));
    }
    return bits.toString();
  }

  private static Backend cuda() {
    return Backends.open("cuda", BackendOptions.defaults());
  }

  private static int graphs(Backend backend) {
    String detail = backend.info().details().getOrDefault("graphs", "0 steps captured");
    return Integer.parseInt(detail.split(" ")[0]);
  }

  /** Returns a backend that captures nothing and calls a step again instead. */
  private static Backend calling(Backend backend) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("capture")) {
                Runnable step = (Runnable) arguments[0];
                step.run();
                return (Replayable) step::run;
              }
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            });
  }
}
