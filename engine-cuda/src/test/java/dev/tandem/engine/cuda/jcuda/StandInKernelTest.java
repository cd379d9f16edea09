package dev.tandem.engine.cuda.jcuda;

import static dev.tandem.engine.cuda.jcuda.StandInDevice.FAULT;
import static dev.tandem.engine.cuda.jcuda.StandInDevice.failed;
import static dev.tandem.engine.cuda.jcuda.StandInDevice.succeed;
import static org.assertj.core.api.Assertions.assertThat;

import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The stand-in notices what kernels do wrong, and says which, where. */
class StandInKernelTest {
  private static final int MISALIGNED = 716;
  private static final int LAUNCH_FAILED = 719;

  private StandInDevice device;

  @BeforeAll
  static void require() {
    StandInDevice.require();
  }

  @BeforeEach
  void open() {
    device = new StandInDevice();
  }

  @AfterEach
  void close() {
    device.close();
  }

  private CUfunction kernel(String body) {
    return device.kernel("extern \"C\" __global__ void test(int* p) { %s }".formatted(body));
  }

  @Test
  void writesFarBehindAnAllocationAreFaults() {
    CUfunction kernel = kernel("if (threadIdx.x == 3) p[64] = 1;");
    failed(
        device.run(kernel, device.allocate(256), 8, 0),
        FAULT,
        "kernel 'test', block (0, 0, 0), thread (3, 0, 0): writes ");
  }

  @Test
  void readsInFrontOfAnAllocationAreFaults() {
    CUfunction kernel = kernel("p[0] = p[-1024 - threadIdx.x];");
    failed(device.run(kernel, device.allocate(256), 1, 0), FAULT, "thread (0, 0, 0): reads ");
  }

  /** Up to 255 bytes behind the end there is memory, as on a device; it is watched. */
  @Test
  void writesJustBehindAnAllocationAreNoticed() {
    CUfunction kernel = kernel("p[threadIdx.x] = 1;");
    CUdeviceptr memory = device.allocate(20);
    succeed(device.run(kernel, memory, 5, 0));
    failed(
        device.run(kernel, memory, 6, 0),
        FAULT,
        "something wrote behind the allocation of 20 bytes");
  }

  @Test
  void freedMemoryIsRefused() {
    CUfunction kernel = kernel("p[0] = 1;");
    CUdeviceptr memory = device.allocate(20);
    succeed(JCudaDriver.cuMemFree(memory));
    failed(device.run(kernel, memory, 1, 0), FAULT, "kernel 'test', argument 0: ");
  }

  @Test
  void hostMemoryIsRefused() {
    CUfunction kernel = kernel("p[0] = 1;");
    CUdeviceptr nonsense = new CUdeviceptr().withByteOffset(4096);
    failed(device.run(kernel, nonsense, 1, 0), FAULT, "which is no device memory");
  }

  @Test
  void aMisalignedPointerIsRefused() {
    CUfunction kernel = kernel("p[0] = 1;");
    failed(
        device.run(kernel, device.allocate(20).withByteOffset(2), 1, 0),
        MISALIGNED,
        "is no multiple of 4");
  }

  @Test
  void aBarrierThatNotAllReachIsNoticed() {
    CUfunction kernel = kernel("if (threadIdx.x < 5) __syncthreads(); p[0] = 1;");
    failed(
        device.run(kernel, device.allocate(4), 8, 0),
        LAUNCH_FAILED,
        "the block's threads part: 5 of 8 wait at __syncthreads");
  }

  @Test
  void aShuffleOutsideOfItsMaskIsNoticed() {
    CUfunction kernel = kernel("p[0] = __shfl_sync(0xffu, 1, 0);");
    failed(
        device.run(kernel, device.allocate(4), 9, 0),
        LAUNCH_FAILED,
        "lane 8 is not in its own mask 0xff");
  }

  @Test
  void sharedMemoryIsFreshInEachBlock() {
    CUfunction kernel =
        kernel("__shared__ int s[2]; p[threadIdx.x] = s[threadIdx.x]; s[threadIdx.x] = 3;");
    CUdeviceptr memory = device.allocate(8);
    for (int launch = 0; launch < 2; launch++) {
      succeed(device.run(kernel, memory, 2, 0));
      assertThat(device.words(memory, 2)).containsOnly(-1);
    }
  }

  @Test
  void writesBehindDynamicSharedMemoryAreNoticed() {
    CUfunction kernel = kernel("extern __shared__ int s[]; s[threadIdx.x] = 1; p[0] = s[0];");
    CUdeviceptr memory = device.allocate(4);
    succeed(device.run(kernel, memory, 4, 16));
    failed(
        device.run(kernel, memory, 5, 16),
        FAULT,
        "kernel 'test' wrote behind its 16 bytes of dynamic shared memory");
  }

  /** Threads run in both orders by turns, so that a race gives other numbers and tests see it. */
  @Test
  void aRaceDoesNotRepeat() {
    CUfunction kernel = kernel("p[0] = threadIdx.x;");
    CUdeviceptr memory = device.allocate(4);
    succeed(device.run(kernel, memory, 8, 0));
    int first = device.words(memory, 1)[0];
    succeed(device.run(kernel, memory, 8, 0));
    assertThat(first + device.words(memory, 1)[0]).isEqualTo(7);
    assertThat(first).isIn(0, 7);
  }
}
