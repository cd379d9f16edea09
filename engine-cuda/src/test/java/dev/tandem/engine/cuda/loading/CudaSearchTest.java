package dev.tandem.engine.cuda.loading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.engine.Probe;
import dev.tandem.engine.Probe.Obstacle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaSearchTest {
  private static final Gpu GPU = new Gpu("Some GPU", 80L << 30, 9, 0);

  @TempDir private Path folder;
  private MadeUpMachine machine;
  private int version = 12080;
  private int status;
  private Optional<Gpu> gpu = Optional.of(GPU);
  private Predicate<Path> usable = file -> true;

  @BeforeEach
  void machine() throws IOException {
    machine =
        new MadeUpMachine(folder)
            .with("/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia-uvm", "/lib64/libcuda.so.1")
            .with("/lib64/libcublas.so.12", "/lib64/libcublasLt.so.12", "/lib64/libnvrtc.so.12")
            .with("/lib64/libcudnn.so.9");
  }

  private final class MadeUpDriver implements Driver {
    @Override
    public int version() {
      return version;
    }

    @Override
    public int initialize() {
      return status;
    }

    @Override
    public String text(int number) {
      return "text of " + number;
    }

    @Override
    public Optional<Gpu> gpu() {
      return gpu;
    }
  }

  private CudaSearch.Result search() {
    return new CudaSearch(
            machine.machine(),
            file -> new MadeUpDriver(),
            new DeviceFiles(machine.machine(), usable))
        .run();
  }

  /** The obstacles in one line each, without the root and the folders that were searched. */
  private List<String> obstacles() {
    return search().obstacles().stream()
        .filter(obstacle -> !obstacle.part().equals(CudaSearch.SEARCHED))
        .map(o -> "%s: %s (%s)".formatted(o.part(), o.reason(), o.remedy()))
        .map(line -> line.replace(machine.machine().root().toString(), ""))
        .toList();
  }

  @Test
  void allIsFound() {
    CudaSearch.Result result = search();
    assertThat(result.obstacles()).isEmpty();
    assertThat(result.driver()).isEqualTo(machine.path("/lib64/libcuda.so.1"));
    assertThat(result.driverVersion()).isEqualTo(12080);
    assertThat(result.gpu()).isEqualTo(GPU);
    assertThat(result.choice().cuda()).isEqualTo(12);
    assertThat(GPU.describe()).isEqualTo("Some GPU, 80.0 GiB, compute capability 9.0");
  }

  @ParameterizedTest
  @CsvSource({
    "ID=ubuntu, sudo ubuntu-drivers install",
    "ID=\"debian\", sudo apt install nvidia-driver",
    "ID=gentoo, install it from nvidia.com/drivers"
  })
  void aMissingDriverIsGotAsTheDistributionDoes(String release, String remedy) throws IOException {
    machine.text("/etc/os-release", "NAME=x\n" + release + "\n");
    Files.delete(machine.path("/lib64/libcuda.so.1"));
    assertThat(obstacles()).containsExactly("driver: no libcuda.so.1 (" + remedy + ")");
  }

  @Test
  void inAContainerTheHostsIsShared() throws IOException {
    machine.with("/.dockerenv");
    Files.delete(machine.path("/lib64/libcuda.so.1"));
    assertThat(obstacles())
        .containsExactly("driver: no libcuda.so.1 (start the container with --gpus all)");
  }

  @Test
  void nothingIsOpenedWithoutADriver() throws IOException {
    Files.delete(machine.path("/lib64/libcuda.so.1"));
    CudaSearch search =
        new CudaSearch(
            machine.machine(),
            file -> {
              throw new AssertionError("opened " + file);
            },
            new DeviceFiles(machine.machine(), usable));
    assertThat(search.run().obstacles()).hasSize(2);
  }

  @Test
  void aDriverThatIsTooOldIsSaidToBe() {
    version = 11040;
    assertThat(obstacles())
        .containsExactly(
            "driver: too old: /lib64/libcuda.so.1 runs CUDA 11.4, 12.0 is the oldest that will do"
                + " (install it from nvidia.com/drivers)");
  }

  @Test
  void aDriverThatDoesNotLoadIsSaidNotTo() {
    CudaSearch search =
        new CudaSearch(
            machine.machine(),
            file -> {
              throw new IllegalArgumentException("it is damaged");
            },
            new DeviceFiles(machine.machine(), usable));
    assertThat(search.run().obstacles().getFirst().reason())
        .isEqualTo("does not load: it is damaged");
  }

  @ParameterizedTest
  @CsvSource({"803, sudo reboot", "999, nvidia-smi shows its state"})
  void aDriverThatDoesNotStartIsQuoted(int code, String remedy) {
    status = code;
    assertThat(obstacles())
        .containsExactly(
            "driver: it does not start: text of %d (cuInit: %d) (%s)"
                .formatted(code, code, remedy));
  }

  @Test
  void aDeviceWithoutPermissionIsSaidToBe() throws IOException {
    status = 100;
    Path device = machine.path("/dev/nvidia0");
    usable = file -> !file.equals(device);
    PosixFileAttributes attributes = Files.readAttributes(device, PosixFileAttributes.class);
    assertThat(obstacles()).hasSize(1);
    assertThat(obstacles().getFirst())
        .startsWith("GPU: no permission on /dev/nvidia0 (" + attributes.owner().getName() + ":")
        .endsWith(
            "(sudo usermod -aG %s ann, then log in again)".formatted(attributes.group().getName()));
  }

  @Test
  void aDeviceThatIsNotThereIsSaidToBe() throws IOException {
    status = 100;
    Files.delete(machine.path("/dev/nvidia-uvm"));
    assertThat(obstacles())
        .containsExactly("GPU: there is no /dev/nvidia-uvm (sudo nvidia-modprobe -u -c=0)");
    Files.delete(machine.path("/dev/nvidia0"));
    assertThat(obstacles()).containsExactly("GPU: there is no /dev/nvidia0 (sudo modprobe nvidia)");
  }

  @Test
  void aContainerMayHaveAnyOfTheDevices() throws IOException {
    gpu = Optional.empty();
    Files.move(machine.path("/dev/nvidia0"), machine.path("/dev/nvidia3"));
    assertThat(obstacles())
        .containsExactly("GPU: the driver shows none (nvidia-smi shows its state)");
  }

  @Test
  void aVariableThatHidesTheDevicesIsNamed() {
    gpu = Optional.empty();
    machine.rawVariable("CUDA_VISIBLE_DEVICES", "");
    assertThat(obstacles())
        .containsExactly(
            "GPU: the driver shows none, with CUDA_VISIBLE_DEVICES=''"
                + " (unset CUDA_VISIBLE_DEVICES)");
  }

  @Test
  void anotherSystemIsSaidToBe() {
    machine.system("Linux aarch64");
    assertThat(obstacles())
        .containsExactly(
            "system: JCuda is packed for Linux amd64, not for Linux aarch64 (use --backend cpu)");
  }

  @Test
  void aGivenFolderThatDoesNotExistIsAnError() {
    machine.libraries("/given");
    assertThat(obstacles())
        .containsExactly(
            "search path: tandem.cuda.libraries: no folder /given (name a folder that exists)");
  }

  @Test
  void whereItWasLookedIsSaidLast() throws IOException {
    Files.delete(machine.path("/lib64/libnvrtc.so.12"));
    assertThat(search().obstacles().getLast())
        .isEqualTo(
            new Obstacle(
                "searched",
                machine.path("/lib64").toString(),
                "TANDEM_OPTS=-Dtandem.cuda.libraries=FOLDER adds one"));
  }

  @Test
  void theStandInIsBuiltByTheTests() {
    machine.standIn();
    assertThat(obstacles())
        .hasSize(4)
        .allMatch(line -> line.endsWith("(./mvnw -pl engine-cuda -am test builds the stand-in)"));
  }

  @Test
  void oneObstacleIsAllInOneLineAndSeveralAreNamed() {
    Obstacle first = new Obstacle("cuBLAS", "no libcublas.so.12", "install it");
    Obstacle second = new Obstacle("cuDNN", "no libcudnn.so.9", "install that");
    Obstacle searched = new Obstacle(CudaSearch.SEARCHED, "/lib64", "add one");
    assertThat(CudaLibraries.unavailable(List.of(first, searched)))
        .isEqualTo(
            new Probe.Unavailable(
                "cuBLAS: no libcublas.so.12", "install it", List.of(first, searched)));
    assertThat(CudaLibraries.unavailable(List.of(first, second, searched)).reason())
        .isEqualTo("cuBLAS: no libcublas.so.12; cuDNN: no libcudnn.so.9");
  }
}
