package dev.tandem.engine.cuda.loading;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchPathTest {
  @TempDir private Path folder;
  private MadeUpMachine machine;

  @BeforeEach
  void machine() throws IOException {
    machine = new MadeUpMachine(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "/usr/local/cuda/lib64/libcublas.so.12",
    "/usr/local/cuda-12.6/targets/x86_64-linux/lib/libcublas.so.12",
    "/opt/cuda/lib64/libcublas.so.12",
    "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
    "/usr/lib/wsl/lib/libcuda.so.1",
    "/home/ann/.local/lib/python3.12/site-packages/nvidia/cublas/lib/libcublas.so.12",
    "/home/ann/.pyenv/versions/3.11.7/lib/python3.11/site-packages/nvidia/cu13/lib/libcublas.so.13",
    "/usr/local/lib/python3.10/dist-packages/nvidia/cudnn/lib/libcudnn.so.9",
    "/usr/lib/python3/dist-packages/nvidia/cudnn/lib/libcudnn.so.9",
    "/opt/conda/lib/python3.13/site-packages/nvidia/cudnn/lib/libcudnn.so.9",
    "/home/ann/.local/share/tandem/cuda/cudnn/nvidia/cudnn/lib/libcudnn.so.9",
    "/home/ann/.local/share/tandem/cuda/nvidia/cudnn/lib/libcudnn.so.9",
    "/app/target/cuda/libcudnn.so.9"
  })
  void whatIsInstalledIsFound(String file) throws IOException {
    machine.with(file);
    Path expected = machine.path(file);
    assertThat(SearchPath.of(machine.machine())).contains(expected.getParent());
  }

  @Test
  void condaKeepsThemInItsPrefix() throws IOException {
    machine.with("/opt/miniforge/conda-meta/history", "/opt/miniforge/lib/libcudnn.so.9");
    assertThat(machine.searchPath()).containsExactly("/opt/miniforge/lib");
  }

  @Test
  void pythonsOnThePathAreAsked() throws IOException {
    machine
        .with("/srv/py/bin/python3", "/srv/py/lib/python3.12/site-packages/nvidia/cublas/lib/x")
        .variable("PATH", "/srv/py/bin");
    assertThat(machine.searchPath())
        .containsExactly("/srv/py/lib/python3.12/site-packages/nvidia/cublas/lib");
  }

  @Test
  void whatWasChosenComesBeforeWhatIsInstalled() throws IOException {
    machine
        .with(
            "/given/x",
            "/toolkit/lib64/x",
            "/venv/lib/python3.12/site-packages/nvidia/cublas/lib/x",
            "/loader/x",
            "/usr/local/cuda-12.9/lib64/x",
            "/usr/local/cuda-12.10/lib64/x",
            "/usr/local/cuda-9/lib64/x",
            "/lib64/x")
        .libraries("/given")
        .variable("CUDA_HOME", "/toolkit")
        .variable("VIRTUAL_ENV", "/venv")
        .variable("LD_LIBRARY_PATH", "/loader");
    assertThat(machine.searchPath())
        .containsExactly(
            "/given",
            "/toolkit/lib64",
            "/venv/lib/python3.12/site-packages/nvidia/cublas/lib",
            "/loader",
            "/lib64",
            "/usr/local/cuda-12.10/lib64",
            "/usr/local/cuda-12.9/lib64",
            "/usr/local/cuda-9/lib64");
  }

  @Test
  void aFolderIsSearchedOnceHoweverManyLinksLeadThere() throws IOException {
    machine.with("/usr/local/cuda-12.6/lib64/libcublas.so.12");
    Files.createSymbolicLink(machine.path("/usr/local/cuda"), Path.of("cuda-12.6"));
    assertThat(machine.searchPath()).containsExactly("/usr/local/cuda/lib64");
  }

  @Test
  void whatIsThereOnlyToLinkAgainstIsNotSearched() throws IOException {
    machine
        .with("/toolkit/lib64/stubs/libcuda.so.1")
        .variable("LD_LIBRARY_PATH", "/toolkit/lib64/stubs");
    assertThat(machine.searchPath()).isEmpty();
  }

  /** The dynamic loader would take an empty entry for the working folder. */
  @Test
  void relativeEntriesAreNotFollowed() {
    machine.rawVariable("LD_LIBRARY_PATH", ":.:lib::").rawVariable("PATH", ".:bin");
    assertThat(machine.searchPath()).isEmpty();
  }

  @Test
  void theStandInAloneIsFoundWhereItIsAskedFor() throws IOException {
    machine
        .with("/app/engine-cuda/target/standin/libcuda.so.1", "/usr/local/cuda/lib64/libcuda.so.1")
        .standIn();
    assertThat(machine.searchPath()).containsExactly("/app/engine-cuda/target/standin");
    machine.with("/elsewhere/libcuda.so.1").libraries("/elsewhere");
    assertThat(machine.searchPath()).containsExactly("/elsewhere");
  }

  @Test
  void unreadableFoldersAreNone() throws IOException {
    machine.text("/usr/local/cuda", "a file").text("/home/ann/.pyenv", "a file");
    assertThat(machine.searchPath()).isEmpty();
  }
}
