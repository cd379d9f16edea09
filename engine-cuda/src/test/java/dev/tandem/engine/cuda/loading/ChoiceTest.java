package dev.tandem.engine.cuda.loading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.engine.Probe.Obstacle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChoiceTest {
  private static final int HOPPER = 90;
  private static final int VOLTA = 70;

  @TempDir private Path folder;
  private MadeUpMachine machine;

  /** CUDA's major version for which each made-up cuDNN was built; of others nothing is known. */
  private final Map<Path, Integer> builds = new HashMap<>();

  @BeforeEach
  void machine() throws IOException {
    machine = new MadeUpMachine(folder);
  }

  private void toolkit(int cuda) throws IOException {
    String lib = "/usr/local/cuda-" + cuda + "/lib64/";
    machine.with(
        lib + "libcublas.so." + cuda, lib + "libcublasLt.so." + cuda, lib + "libnvrtc.so." + cuda);
  }

  private Path cudnn(String place, int major, int cuda) throws IOException {
    String file = place + "/libcudnn.so." + major;
    machine.with(file);
    builds.put(machine.path(file), cuda);
    return machine.path(file);
  }

  private Choice choose(int driver, int architecture) {
    return Choice.of(
        new Choice.Limits(driver, architecture, new Remedies(machine.machine())),
        new Libraries(SearchPath.of(machine.machine())),
        file -> builds.containsKey(file) ? OptionalInt.of(builds.get(file)) : OptionalInt.empty());
  }

  private static List<String> reasons(Choice choice) {
    return choice.obstacles().stream().map(Obstacle::reason).toList();
  }

  @Test
  void theNewestThatTheDriverRunsIsTaken() throws IOException {
    toolkit(12);
    toolkit(13);
    Path for12 = cudnn("/usr/lib64", 9, 12);
    Path for13 = cudnn("/usr/local/cuda-13/lib64", 9, 13);
    Choice newest = choose(13000, HOPPER);
    assertThat(newest.obstacles()).isEmpty();
    assertThat(newest.cuda()).isEqualTo(13);
    assertThat(newest.cudnn()).isEqualTo(for13);
    assertThat(newest.nvrtc()).isEqualTo(machine.path("/usr/local/cuda-13/lib64/libnvrtc.so.13"));
    Choice older = choose(12080, HOPPER);
    assertThat(older.obstacles()).isEmpty();
    assertThat(older.cuda()).isEqualTo(12);
    assertThat(older.cudnn()).isEqualTo(for12);
  }

  @Test
  void cuda13IsNotTakenForAnArchitectureThatItDropped() throws IOException {
    toolkit(12);
    toolkit(13);
    cudnn("/usr/lib64", 9, 12);
    cudnn("/usr/local/cuda-13/lib64", 9, 13);
    assertThat(choose(13010, VOLTA).cuda()).isEqualTo(12);
  }

  @Test
  void theCudaForWhichThereIsACudnnIsTaken() throws IOException {
    toolkit(12);
    toolkit(13);
    cudnn("/usr/lib64", 9, 12);
    Choice choice = choose(13000, HOPPER);
    assertThat(choice.obstacles()).isEmpty();
    assertThat(choice.cuda()).isEqualTo(12);
  }

  @Test
  void cudnn9IsTakenBefore8And8OnlyForCuda12() throws IOException {
    toolkit(12);
    cudnn("/lib64", 8, 12);
    assertThat(choose(12020, HOPPER).cudnnMajor()).isEqualTo(8);
    cudnn("/usr/lib64", 9, 12);
    assertThat(choose(12020, HOPPER).cudnnMajor()).isEqualTo(9);
    toolkit(13);
    assertThat(choose(13000, HOPPER).cuda()).isEqualTo(12);
  }

  @Test
  void aCudnnOfUnknownBuildIsTaken() throws IOException {
    toolkit(13);
    machine.with("/usr/lib64/libcudnn.so.9");
    assertThat(choose(13000, HOPPER).obstacles()).isEmpty();
  }

  @Test
  void cublasLtIsTakenFromBesideCublas() throws IOException {
    machine.with("/lib64/libcublasLt.so.12");
    toolkit(12);
    cudnn("/lib64", 9, 12);
    assertThat(choose(12020, HOPPER).cublasLt())
        .isEqualTo(machine.path("/usr/local/cuda-12/lib64/libcublasLt.so.12"));
  }

  @Test
  void aCudnnForAnotherCudaIsNamed() throws IOException {
    toolkit(12);
    Path other = cudnn("/usr/lib64", 9, 13);
    assertThat(reasons(choose(12020, HOPPER))).containsExactly(other + " is not for CUDA 12");
  }

  @Test
  void aToolkitThatTheDriverIsTooOldForIsNamed() throws IOException {
    toolkit(13);
    cudnn("/usr/lib64", 9, 13);
    assertThat(reasons(choose(12080, HOPPER)))
        .first()
        .asString()
        .isEqualTo(
            "no libcublas.so.12; %s needs a driver for CUDA 13, this one is for 12.8"
                .formatted(machine.path("/usr/local/cuda-13/lib64/libcublas.so.13")));
    assertThat(reasons(choose(13000, VOLTA)))
        .first()
        .asString()
        .endsWith("needs a GPU of compute capability 7.5 or above");
  }

  @Test
  void eachMissingPartHasItsCommand() {
    String pip = "python3 -m pip install --target /home/ann/.local/share/tandem/cuda/";
    assertThat(choose(12020, HOPPER).obstacles())
        .extracting(o -> o.part() + ": " + o.reason() + ": " + o.remedy().replace(root(), ""))
        .containsExactly(
            "cuBLAS: no libcublas.so.12: " + pip + "cublas nvidia-cublas-cu12",
            "NVRTC: no libnvrtc.so.12: " + pip + "cuda-nvrtc nvidia-cuda-nvrtc-cu12",
            "cuDNN: no libcudnn.so.9 or .8: " + pip + "cudnn nvidia-cudnn-cu12");
    assertThat(choose(13000, HOPPER).obstacles())
        .extracting(o -> o.remedy().replace(root(), ""))
        .containsExactly(
            pip + "cublas nvidia-cublas",
            pip + "cuda-nvrtc nvidia-cuda-nvrtc",
            pip + "cudnn nvidia-cudnn-cu13");
  }

  private String root() {
    return machine.machine().root().toString();
  }
}
