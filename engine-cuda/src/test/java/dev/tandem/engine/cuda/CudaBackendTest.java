package dev.tandem.engine.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.tandem.engine.Activation;
import dev.tandem.engine.Broadcast;
import dev.tandem.engine.DataType;
import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Hyperparameters;
import dev.tandem.engine.MathMode;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Replayable;
import dev.tandem.engine.Shape;
import dev.tandem.engine.StagingBuffer;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import dev.tandem.engine.cuda.loading.CudaLibraries;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the GPU backend promises beyond the conformance kit, on the stand-in. */
class CudaBackendTest {
  @TempDir private static Path cache;

  private CudaBackend backend;

  @BeforeAll
  static void requireStandIn() {
    Optional<String> missing = StandIn.install();
    assumeTrue(missing.isEmpty(), () -> missing.orElseThrow());
  }

  @BeforeEach
  void open() {
    backend = open(MathMode.FP32);
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private static CudaBackend open(MathMode math) {
    return new CudaBackend(CudaLibraries.load(), math, cache);
  }

  @Test
  void saysWhatItIs() {
    assertThat(backend.info().id()).isEqualTo("cuda");
    assertThat(backend.info().device()).contains("stand-in");
    assertThat(backend.info().math()).isEqualTo(MathMode.FP32);
    assertThat(backend.info().details().get("kernels")).startsWith("sm_").contains(" by NVRTC 12.");
    assertThat(backend.info().details()).doesNotContainKey("no graph");
  }

  @Test
  void tooLittleMemorySaysWhatWasAskedWhatIsThereAndWhatToDo() {
    long free = backend.context().freeBytes();
    MemoryPlan plan = new MemoryPlan();
    plan.add(MemoryKind.PARAMETERS, "w", DataType.FLOAT32, Shape.of(1000));
    for (int i = 0; i < 8; i++) {
      plan.add(MemoryKind.ACTIVATIONS, "x" + i, DataType.FLOAT32, Shape.of(1 << 15, 1 << 15));
    }
    OutOfMemoryError error =
        catchThrowableOfType(OutOfMemoryError.class, () -> backend.allocate(plan).close());
    assertThat(error)
        .hasMessageMatching(
            "ACTIVATIONS need 32768 MiB on .+, where \\d+ MiB of \\d+ MiB are free"
                + " \\(use a smaller batch or model, or end other programs on the device\\)");
    assertThat(error.getCause()).hasMessageContaining("cuMemAlloc(34359738368 bytes) failed: ");
    assertThat(backend.context().freeBytes())
        .as("what was taken before is given back")
        .isEqualTo(free);
  }

  @Test
  void oneAllocationHoldsAllTypesOfAKind() {
    long free = backend.context().freeBytes();
    MemoryPlan plan = new MemoryPlan();
    var floats = plan.add(MemoryKind.IO, "floats", DataType.FLOAT32, Shape.of(5));
    var ints = plan.add(MemoryKind.IO, "ints", DataType.INT32, Shape.of(3));
    try (TensorArena arena = backend.allocate(plan)) {
      assertThat(free - backend.context().freeBytes()).isEqualTo(512);
      long first = CudaStorage.address(arena.tensor(floats));
      assertThat(CudaStorage.address(arena.tensor(ints)) - first).isEqualTo(256);
      assertThat(CudaStorage.pointer(arena.tensor(ints)).address() - first).isEqualTo(256);
    }
    assertThat(backend.context().freeBytes()).isEqualTo(free);
  }

  /** 1 + 2^-11 needs 11 bits of fraction, one more than TF32 keeps; 1 + 2^-8 one more than BF16. */
  @Test
  void mathModesRoundOperandsOfProducts() {
    assertThat(product(MathMode.FP32, 1 + 0x1p-11f)).isEqualTo(1 + 0x1p-11f);
    assertThat(product(MathMode.TF32, 1 + 0x1p-11f)).isEqualTo(1);
    assertThat(product(MathMode.TF32, 1 + 0x1p-8f)).isEqualTo(1 + 0x1p-8f);
    assertThat(product(MathMode.BF16, 1 + 0x1p-8f)).isEqualTo(1);
  }

  private static float product(MathMode math, float value) {
    MemoryPlan plan = new MemoryPlan();
    var slotA = plan.add(MemoryKind.IO, "a", DataType.FLOAT32, Shape.of(1, 1));
    var slotB = plan.add(MemoryKind.IO, "b", DataType.FLOAT32, Shape.of(1, 1));
    var slotC = plan.add(MemoryKind.IO, "c", DataType.FLOAT32, Shape.of(1, 1));
    try (CudaBackend other = open(math);
        TensorArena arena = other.allocate(plan)) {
      assertThat(other.info().math()).isEqualTo(math);
      other.transfers().upload(new float[] {value}, 0, arena.tensor(slotA));
      other.transfers().fill(arena.tensor(slotB), 1);
      other
          .gemm()
          .multiply(
              GemmSpec.of(1, 1, 1),
              arena.tensor(slotA),
              arena.tensor(slotB),
              null,
              arena.tensor(slotC));
      float[] result = new float[1];
      other.transfers().download(arena.tensor(slotC), result, 0);
      return result[0];
    }
  }

  @Test
  void replayOfAStepWhoseMemoryWasFreedIsRefused() {
    MemoryPlan plan = new MemoryPlan();
    var slot = plan.add(MemoryKind.IO, "x", DataType.FLOAT32, Shape.of(4));
    Replayable step;
    try (TensorArena arena = backend.allocate(plan)) {
      Tensor x = arena.tensor(slot);
      step = backend.capture(() -> backend.elementwise().scale(2, x, x));
      step.replay();
    }
    assertThatThrownBy(step::replay)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "replay: an arena whose tensors the captured step uses was closed (keep the arena open while the step is replayed)");
  }

  @Test
  void aStepThatCannotBeCapturedRunsAgainAndSaysWhy() {
    Logger logger = Logger.getLogger(CudaCaptures.class.getName());
    logger.setLevel(Level.OFF);
    MemoryPlan plan = new MemoryPlan();
    var slot = plan.add(MemoryKind.IO, "x", DataType.FLOAT32, Shape.of(4));
    try (TensorArena arena = backend.allocate(plan)) {
      Tensor x = arena.tensor(slot);
      float[] values = new float[4];
      Replayable step =
          backend.capture(
              () -> {
                backend.elementwise().axpy(1, x, x);
                backend.transfers().download(x, values, 0);
              });
      assertThat(backend.info().details().get("no graph")).startsWith("cu").contains(" failed: ");
      backend.transfers().fill(x, 3);
      step.replay();
      assertThat(values).containsOnly(6);
    } finally {
      logger.setLevel(null);
    }
  }

  @Test
  void exceptionsOfAStepPassAndLeaveTheStreamUsable() {
    MemoryPlan plan = new MemoryPlan();
    var slot = plan.add(MemoryKind.IO, "x", DataType.FLOAT32, Shape.of(4));
    try (TensorArena arena = backend.allocate(plan)) {
      Tensor x = arena.tensor(slot);
      int[] runs = new int[1];
      assertThatThrownBy(
              () ->
                  backend.capture(
                      () -> {
                        backend.transfers().fill(x, 1);
                        if (++runs[0] == 2) {
                          throw new IllegalArgumentException("on purpose");
                        }
                      }))
          .hasMessage("on purpose");
      backend.elementwise().scale(5, x, x);
      float[] values = new float[4];
      backend.transfers().download(x, values, 0);
      assertThat(values).containsOnly(5);
    }
  }

  /** The device takes the next batch while it works on this one; every batch arrives whole. */
  @Test
  void stagingBuffersThatAnotherThreadFillsArriveInTurn() throws Exception {
    int length = 3000;
    MemoryPlan plan = new MemoryPlan();
    var slot = plan.add(MemoryKind.IO, "x", DataType.FLOAT32, Shape.of(length));
    var sumSlot = plan.add(MemoryKind.IO, "sum", DataType.FLOAT32, Shape.of(length));
    try (TensorArena arena = backend.allocate(plan);
        StagingBuffer even = backend.transfers().stage(DataType.FLOAT32, length);
        StagingBuffer odd = backend.transfers().stage(DataType.FLOAT32, length)) {
      Tensor x = arena.tensor(slot);
      Tensor sum = arena.tensor(sumSlot);
      assertThat(even.prefetches()).isTrue();
      for (int batch = 0; batch < 10; batch++) {
        StagingBuffer stage = batch % 2 == 0 ? even : odd;
        float value = batch + 1;
        boolean ahead = batch % 3 != 2;
        Thread filler =
            new Thread(
                () -> {
                  stage.awaitUploaded();
                  for (int i = 0; i < length; i++) {
                    stage.floats().put(i, value);
                  }
                  if (ahead) {
                    stage.prefetch(length);
                  }
                });
        filler.start();
        filler.join();
        backend.transfers().upload(stage, x);
        backend.elementwise().add(sum, x, Broadcast.SAME, sum);
      }
      float[] values = new float[length];
      backend.transfers().download(sum, values, 0);
      assertThat(values).containsOnly(55);
    }
  }

  @Test
  void longUploadsAndDownloadsGoInPieces() {
    int length = 1_200_007;
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = i;
    }
    MemoryPlan plan = new MemoryPlan();
    var slot = plan.add(MemoryKind.IO, "x", DataType.FLOAT32, Shape.of(length));
    try (TensorArena arena = backend.allocate(plan)) {
      backend.transfers().upload(values, 0, arena.tensor(slot));
      float[] back = new float[length];
      backend.transfers().download(arena.tensor(slot), back, 0);
      assertThat(Arrays.mismatch(back, values)).isEqualTo(-1);
    }
  }

  /** What a training step calls, one by one and replayed, leaves the Java heap alone. */
  @Test
  void operationsAllocateNothingOnTheHeap() {
    MemoryPlan plan = new MemoryPlan();
    var slotX = plan.add(MemoryKind.ACTIVATIONS, "x", DataType.FLOAT32, Shape.of(8, 16));
    var slotW = plan.add(MemoryKind.PARAMETERS, "w", DataType.FLOAT32, Shape.of(4, 16));
    var slotG = plan.add(MemoryKind.PARAMETERS, "dw", DataType.FLOAT32, Shape.of(4, 16));
    var slotB = plan.add(MemoryKind.PARAMETERS, "b", DataType.FLOAT32, Shape.of(4));
    var slotY = plan.add(MemoryKind.ACTIVATIONS, "y", DataType.FLOAT32, Shape.of(8, 4));
    var slotH =
        plan.add(MemoryKind.IO, "hyper", DataType.FLOAT32, Shape.of(Hyperparameters.LENGTH));
    var slotN = plan.add(MemoryKind.IO, "norm", DataType.FLOAT32, Shape.of(1));
    try (TensorArena arena = backend.allocate(plan)) {
      Tensor x = arena.tensor(slotX);
      Tensor w = arena.tensor(slotW);
      Tensor dw = arena.tensor(slotG);
      Tensor b = arena.tensor(slotB);
      Tensor y = arena.tensor(slotY);
      Tensor hyper = arena.tensor(slotH);
      Tensor norm = arena.tensor(slotN);
      GemmSpec forward = GemmSpec.of(8, 4, 16).withTransposedB().withActivation(Activation.RELU);
      GemmSpec backward = GemmSpec.of(4, 16, 8).withTransposedA().accumulating();
      double[] numbers = new double[Hyperparameters.LENGTH];
      float[] result = new float[1];
      Runnable step =
          () -> {
            backend.transfers().zero(dw);
            backend.gemm().multiply(forward, x, w, b, y);
            backend.elementwise().add(y, b, Broadcast.ROW, y);
            backend.gemm().multiply(backward, y, x, null, dw);
            backend.optimizers().clipByNorm(1, dw, norm);
            backend.optimizers().sgd(false, hyper, w, dw, null);
          };
      Replayable captured = backend.capture(step);
      Runnable all =
          () -> {
            backend.transfers().upload(numbers, 0, hyper);
            step.run();
            captured.replay();
            backend.transfers().download(norm, result, 0);
          };
      assertThat(leastAllocated(all)).isZero();
    }
  }

  /** Returns the bytes of the best of some runs: class loading and such happen in the first. */
  private static long leastAllocated(Runnable action) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int run = 0; run < 40; run++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      action.run();
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
