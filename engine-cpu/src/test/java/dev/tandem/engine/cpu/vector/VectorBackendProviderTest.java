package dev.tandem.engine.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.BackendProvider;
import dev.tandem.engine.BackendUnavailableException;
import dev.tandem.engine.Backends;
import dev.tandem.engine.MathMode;
import dev.tandem.engine.Probe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VectorBackendProviderTest {
  /** What the probe says in a JVM of its own. */
  static final class Probing {
    private Probing() {}

    /** Prints the probe of the backend {@code cpu}. */
    public static void main(String[] arguments) {
      Probe probe = new VectorBackendProvider().probe();
      System.out.println(
          probe instanceof Probe.Unavailable missing
              ? missing.reason() + " (" + missing.remedy() + ")"
              : ((Probe.Available) probe).device());
    }
  }

  private static final String MODULE = "--add-modules=jdk.incubator.vector";

  @Test
  void isFoundByItsName() {
    assertThat(Backends.providers()).extracting(BackendProvider::id).contains("cpu");
    assertThat(new VectorBackendProvider().rank()).isEqualTo(50);
  }

  @Test
  void namesTheDevice() throws Exception {
    assertThat(probe(MODULE, "-Dtandem.vectorBits=128"))
        .matches(".+, \\d+ threads?, 128-bit vectors");
  }

  @Test
  void saysThatTheModuleIsMissing() throws Exception {
    assertThat(probe())
        .isEqualTo(
            "the JVM runs without jdk.incubator.vector"
                + " (start it with --add-modules=jdk.incubator.vector; ./tandem does)");
  }

  @Test
  void refusesWidthsThatThereAreNot() throws Exception {
    assertThat(probe(MODULE, "-Dtandem.vectorBits=100"))
        .isEqualTo("tandem.vectorBits is '100' (give 128, 256 or 512)");
    assertThat(probe(MODULE, "-Dtandem.vectorBits="))
        .isEqualTo("tandem.vectorBits is '' (give 128, 256 or 512)");
    assertThat(probe(MODULE, "-Dtandem.vectorBits=512", "-XX:MaxVectorSize=16"))
        .isEqualTo(
            "tandem.vectorBits is 512, but this processor has vectors of 128 bits"
                + " (give no more than that)");
  }

  @Test
  void refusesOtherArithmetic() {
    VectorBackendProvider provider = new VectorBackendProvider();
    assertThatThrownBy(() -> provider.open(new BackendOptions(1, MathMode.TF32)))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage("backend 'cpu' has no math mode TF32 (use FP32, or backend 'cuda')");
  }

  private static String probe(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Probing.class.getName()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return output.strip();
  }
}
