package dev.tandem.engine.cuda.jcuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.engine.cuda.StandIn;
import dev.tandem.engine.cuda.loading.CudaLibraries;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;

/** The stand-in's device with its driver's own calls, for tests that misuse them. */
final class StandInDevice implements AutoCloseable {
  static final int FAULT = 700;
  static final int INVALID = 1;

  private final CudaContext context = new CudaContext(0);
  private final Deque<Runnable> cleanUps = new ArrayDeque<>();

  /** Skips the test where there is no stand-in. */
  static void require() {
    Optional<String> missing = StandIn.install();
    assumeTrue(missing.isEmpty(), () -> missing.orElseThrow());
    CudaLibraries.load();
  }

  /** Returns the stream that the backend computes on. */
  CUstream stream() {
    return context.compute();
  }

  /** Takes memory, which is given back if the test has not done so. */
  CUdeviceptr allocate(long bytes) {
    CUdeviceptr pointer = new CUdeviceptr();
    succeed(JCudaDriver.cuMemAlloc(pointer, bytes));
    cleanUps.push(() -> JCudaDriver.cuMemFree(pointer));
    return pointer;
  }

  /** Copies words to the host. */
  int[] words(CUdeviceptr source, int count) {
    try (PinnedMemory memory = new PinnedMemory(context, (long) count * Integer.BYTES)) {
      succeed(
          JCudaDriver.cuMemcpyDtoHAsync(
              Pointer.to(memory.ints()), source, (long) count * Integer.BYTES, stream()));
      succeed(JCudaDriver.cuStreamSynchronize(stream()));
      int[] words = new int[count];
      memory.ints().get(0, words);
      return words;
    }
  }

  /** Compiles a kernel {@code test}. */
  CUfunction kernel(String source) {
    nvrtcProgram program = new nvrtcProgram();
    succeed(JNvrtc.nvrtcCreateProgram(program, source, "test.cu", 0, null, null));
    String[] options = {"--gpu-architecture=sm_90", "--std=c++17"};
    String[] log = new String[1];
    int status = JNvrtc.nvrtcCompileProgram(program, options.length, options);
    JNvrtc.nvrtcGetProgramLog(program, log);
    assertThat(status).as(log[0]).isZero();
    long[] size = new long[1];
    succeed(JNvrtc.nvrtcGetCUBINSize(program, size));
    byte[] code = new byte[(int) size[0]];
    succeed(JNvrtc.nvrtcGetCUBIN(program, code));
    succeed(JNvrtc.nvrtcDestroyProgram(program));
    CUmodule module = new CUmodule();
    succeed(JCudaDriver.cuModuleLoadData(module, code));
    cleanUps.push(() -> JCudaDriver.cuModuleUnload(module));
    CUfunction function = new CUfunction();
    succeed(JCudaDriver.cuModuleGetFunction(function, module, "test"));
    return function;
  }

  /** Launches one block with one pointer as its argument; returns what the wait for it returns. */
  int run(CUfunction function, CUdeviceptr argument, int threads, int sharedBytes) {
    succeed(
        JCudaDriver.cuLaunchKernel(
            function,
            1,
            1,
            1,
            threads,
            1,
            1,
            sharedBytes,
            stream(),
            Pointer.to(Pointer.to(argument)),
            null));
    return JCudaDriver.cuStreamSynchronize(stream());
  }

  /** Checks that a call failed as it should, and that its text says why. */
  static void failed(int status, int expected, String why) {
    String[] text = new String[1];
    JCudaDriver.cuGetErrorString(status, text);
    assertThat(status).as(text[0]).isEqualTo(expected);
    assertThat(text[0]).contains(why);
  }

  static void succeed(int status) {
    String[] text = new String[1];
    JCudaDriver.cuGetErrorString(status, text);
    assertThat(status).as(text[0]).isZero();
  }

  @Override
  public void close() {
    cleanUps.forEach(Runnable::run);
    context.close();
  }
}
