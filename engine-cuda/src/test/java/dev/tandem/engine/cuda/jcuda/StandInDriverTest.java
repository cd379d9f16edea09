package dev.tandem.engine.cuda.jcuda;

import static dev.tandem.engine.cuda.jcuda.StandInDevice.FAULT;
import static dev.tandem.engine.cuda.jcuda.StandInDevice.INVALID;
import static dev.tandem.engine.cuda.jcuda.StandInDevice.failed;
import static dev.tandem.engine.cuda.jcuda.StandInDevice.succeed;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The stand-in's driver notices misuse that a GPU would answer with wrong numbers or a crash. */
class StandInDriverTest {
  private static final int INVALID_CONTEXT = 201;
  private static final int INVALID_HANDLE = 400;
  private static final int CAPTURE_UNSUPPORTED = 900;
  private static final int CAPTURE_INVALIDATED = 901;
  private static final int CAPTURE_IMPLICIT = 906;

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

  private int fill(CUdeviceptr target, long words) {
    return JCudaDriver.cuMemsetD32Async(target, 7, words, device.stream());
  }

  @Test
  void freshMemoryIsNotANumber() {
    assertThat(device.words(device.allocate(20), 5)).containsOnly(-1);
  }

  @Test
  void accessBehindTheEndIsRefused() {
    CUdeviceptr memory = device.allocate(16);
    failed(fill(memory, 5), INVALID, "20 bytes from byte 0 of the allocation of 16 bytes");
    failed(fill(memory.withByteOffset(8), 3), INVALID, "12 bytes from byte 8");
    succeed(fill(memory.withByteOffset(8), 2));
    assertThat(device.words(memory, 4)).containsExactly(-1, -1, 7, 7);
  }

  @Test
  void useAfterFreeIsRefused() {
    CUdeviceptr memory = device.allocate(64);
    succeed(JCudaDriver.cuMemFree(memory));
    failed(fill(memory, 1), INVALID, "in 64 bytes at");
    failed(fill(memory, 1), INVALID, "that were freed");
  }

  @Test
  void aSecondFreeIsRefused() {
    CUdeviceptr memory = device.allocate(64);
    failed(
        JCudaDriver.cuMemFree(memory.withByteOffset(4)),
        INVALID,
        "is not the start of an allocation");
    succeed(JCudaDriver.cuMemFree(memory));
    failed(JCudaDriver.cuMemFree(memory), INVALID, "was freed before");
  }

  @Test
  void freedAddressesAreNotGivenOutAgain() {
    CUdeviceptr first = device.allocate(64);
    succeed(JCudaDriver.cuMemFree(first));
    device.allocate(64);
    failed(fill(first, 1), INVALID, "that were freed");
  }

  @Test
  void copiesOntoThemselvesAreRefused() {
    CUdeviceptr memory = device.allocate(64);
    failed(
        JCudaDriver.cuMemcpyDtoDAsync(memory.withByteOffset(4), memory, 8, device.stream()),
        INVALID,
        "overlap");
  }

  /** Work waits until somebody waits for it, so that a forgotten wait shows every time. */
  @Test
  void nothingHasRunBeforeItIsWaitedFor() {
    CUdeviceptr memory = device.allocate(4);
    Pointer host = new Pointer();
    succeed(JCudaDriver.cuMemHostAlloc(host, 4, 0));
    succeed(fill(memory, 1));
    succeed(JCudaDriver.cuMemcpyDtoHAsync(host, memory, 4, device.stream()));
    assertThat(host.getByteBuffer(0, 4).getInt(0)).isEqualTo(-1);
    succeed(JCudaDriver.cuStreamSynchronize(device.stream()));
    assertThat(host.getByteBuffer(0, 4).get(0) + host.getByteBuffer(0, 4).get(3)).isEqualTo(7);
    succeed(JCudaDriver.cuMemFreeHost(host));
  }

  @Test
  void streamsOfAnotherContextAreRefused() {
    CUdeviceptr memory = device.allocate(4);
    CUdevice ordinal = new CUdevice();
    CUcontext other = new CUcontext();
    CUcontext own = new CUcontext();
    succeed(JCudaDriver.cuDeviceGet(ordinal, 0));
    succeed(JCudaDriver.cuCtxCreate(other, 0, ordinal));
    try {
      failed(fill(memory, 1), INVALID_HANDLE, "the stream is another context's");
    } finally {
      succeed(JCudaDriver.cuCtxPopCurrent(own));
      succeed(JCudaDriver.cuCtxDestroy(other));
    }
    succeed(fill(memory, 1));
  }

  @Test
  void aThreadWithoutAContextIsRefused() throws Exception {
    CUdeviceptr memory = device.allocate(4);
    AtomicInteger status = new AtomicInteger();
    Thread thread = new Thread(() -> status.set(fill(memory, 1)));
    thread.start();
    thread.join();
    failed(status.get(), INVALID_CONTEXT, "this thread has no current context");
  }

  private int beginCapture(CUstream stream, int mode) {
    return JCudaDriver.cuStreamBeginCapture(stream, mode);
  }

  private int threadCapture() {
    return beginCapture(device.stream(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  }

  private int endCapture(CUgraph graph) {
    return JCudaDriver.cuStreamEndCapture(device.stream(), graph);
  }

  @Test
  void allocationSpoilsACapture() {
    succeed(threadCapture());
    failed(
        JCudaDriver.cuMemAlloc(new CUdeviceptr(), 4),
        CAPTURE_UNSUPPORTED,
        "cuMemAlloc is not allowed while a graph is recorded");
    failed(endCapture(new CUgraph()), CAPTURE_INVALIDATED, "spoiled the recording");
  }

  @Test
  void waitingSpoilsACapture() {
    succeed(threadCapture());
    failed(
        JCudaDriver.cuStreamSynchronize(device.stream()),
        CAPTURE_UNSUPPORTED,
        "cuStreamSynchronize is not allowed");
    failed(endCapture(new CUgraph()), CAPTURE_INVALIDATED, "spoiled the recording");
  }

  @Test
  void theLegacyStreamSpoilsACapture() {
    CUdeviceptr memory = device.allocate(8);
    succeed(threadCapture());
    failed(
        JCudaDriver.cuMemcpyDtoD(memory, memory.withByteOffset(4), 4),
        CAPTURE_UNSUPPORTED,
        "cuMemcpyDtoD is not allowed");
    failed(endCapture(new CUgraph()), CAPTURE_INVALIDATED, "spoiled the recording");

    CUstream blocking = new CUstream();
    succeed(JCudaDriver.cuStreamCreate(blocking, 0));
    succeed(beginCapture(blocking, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED));
    failed(
        JCudaDriver.cuMemsetD32Async(memory, 1, 1, new CUstream()),
        CAPTURE_IMPLICIT,
        "the legacy stream would wait");
    failed(
        JCudaDriver.cuStreamEndCapture(blocking, new CUgraph()),
        CAPTURE_INVALIDATED,
        "spoiled the recording");
    succeed(JCudaDriver.cuStreamDestroy(blocking));
  }

  @Test
  void pageableMemoryIsRefusedInACapture() {
    CUdeviceptr memory = device.allocate(8);
    succeed(threadCapture());
    failed(
        JCudaDriver.cuMemcpyHtoDAsync(memory, Pointer.to(new int[2]), 8, device.stream()),
        CAPTURE_UNSUPPORTED,
        "pageable host memory");
    endCapture(new CUgraph());
  }

  @Test
  void aGraphRunsWhenItIsLaunchedAndNotOnFreedMemory() {
    CUdeviceptr memory = device.allocate(4);
    CUgraph graph = new CUgraph();
    CUgraphExec executable = new CUgraphExec();
    succeed(threadCapture());
    succeed(fill(memory, 1));
    succeed(endCapture(graph));
    succeed(JCudaDriver.cuGraphInstantiate(executable, graph, 0));
    assertThat(device.words(memory, 1)).as("recorded, not run").containsExactly(-1);
    succeed(JCudaDriver.cuGraphLaunch(executable, device.stream()));
    assertThat(device.words(memory, 1)).containsExactly(7);

    succeed(JCudaDriver.cuMemFree(memory));
    succeed(JCudaDriver.cuGraphLaunch(executable, device.stream()));
    failed(
        JCudaDriver.cuStreamSynchronize(device.stream()),
        FAULT,
        "cuGraphLaunch: cuMemsetD32Async: target: 4 bytes at");
    succeed(JCudaDriver.cuGraphExecDestroy(executable));
    failed(
        JCudaDriver.cuGraphLaunch(executable, device.stream()),
        INVALID,
        "was destroyed or never made");
    succeed(JCudaDriver.cuGraphDestroy(graph));
  }
}
