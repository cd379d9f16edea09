package dev.tandem.engine.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tandem.engine.Activation;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Conv2d;
import dev.tandem.engine.Conv2dSpec;
import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Elementwise.Binary;
import dev.tandem.engine.Gemm.Batch;
import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Hyperparameters;
import dev.tandem.engine.Losses.Pointwise;
import dev.tandem.engine.MathMode;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.Pool2dSpec.Mode;
import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Reductions.Axis;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * After warm-up no operation allocates on the heap, in the caller nor in any worker.
 *
 * <p>What C2 inlines depends on everything that a program has run before, and a vector that is
 * handed to a method that it did not inline is an object. So an operation that allocates here,
 * where more than a hundred others ran before it, is tried again in programs of its own, one of
 * which must allocate nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Not a multiple of any vector, and several chunks. */
  private static final int ROWS = 173;

  private static final int COLUMNS = 203;

  /**
   * Until C2 has compiled everything; before that, each vector is an object. Small operations call
   * some kernels once, and C2 waits for thousands of calls: one step of an LSTM took up to 57
   * rounds.
   */
  private static final int MOST_ROUNDS = 200;

  private static final int CALLS = 200;

  /** When the compiler gets a processor differs between programs, and with it what it inlines. */
  private static final int MOST_PROGRAMS = 3;

  private final Backend backend =
      new VectorBackendProvider().open(new BackendOptions(2, MathMode.FP32));
  private final Map<String, Runnable> operations = new LinkedHashMap<>();

  @BeforeAll
  void prepare() {
    Tensor x = tensor(DataType.FLOAT32, ROWS, COLUMNS);
    Tensor y = tensor(DataType.FLOAT32, ROWS, COLUMNS);
    Tensor z = tensor(DataType.FLOAT32, ROWS, COLUMNS);
    Tensor square = tensor(DataType.FLOAT32, COLUMNS, COLUMNS);
    Tensor transposed = tensor(DataType.FLOAT32, COLUMNS, ROWS);
    Tensor row = tensor(DataType.FLOAT32, COLUMNS);
    Tensor otherRow = tensor(DataType.FLOAT32, COLUMNS);
    Tensor moreRow = tensor(DataType.FLOAT32, COLUMNS);
    Tensor lastRow = tensor(DataType.FLOAT32, COLUMNS);
    Tensor column = tensor(DataType.FLOAT32, ROWS);
    Tensor otherColumn = tensor(DataType.FLOAT32, ROWS);
    Tensor one = tensor(DataType.FLOAT32, 1);
    Tensor two = tensor(DataType.FLOAT32, 2);
    Tensor labels = tensor(DataType.INT32, ROWS);
    Tensor count = tensor(DataType.INT32, 1);
    Tensor state = tensor(DataType.INT32, 4);
    Tensor hyper = tensor(DataType.FLOAT32, Hyperparameters.LENGTH);
    backend.transfers().fill(hyper, 0.01);
    backend.transfers().fill(x, 0.5);
    backend.transfers().fill(column, 1);

    GemmSpec forward = GemmSpec.of(ROWS, COLUMNS, COLUMNS);
    put("gemm", () -> backend.gemm().multiply(forward, x, square, null, y));
    GemmSpec epilogue = forward.withTransposedB().withActivation(Activation.GELU);
    put("gemm B^T", () -> backend.gemm().multiply(epilogue, x, square, row, y));
    GemmSpec weights = GemmSpec.of(COLUMNS, COLUMNS, ROWS).withTransposedA().accumulating();
    put("gemm A^T", () -> backend.gemm().multiply(weights, x, y, null, square));
    GemmSpec single = GemmSpec.of(1, COLUMNS, COLUMNS);
    put("gemm of a row", () -> backend.gemm().multiply(single, row, square, null, otherRow));
    GemmSpec small = GemmSpec.of(5, 7, 9);
    Batch batch = new Batch(3, 45, 63, 35);
    put("gemm batched", () -> backend.gemm().multiplyBatched(small, batch, x, y, null, z));

    for (Binary operation : Binary.values()) {
      put(
          operation + " SAME",
          () -> backend.elementwise().binary(operation, x, y, Broadcast.SAME, z));
      put(
          operation + " ROW",
          () -> backend.elementwise().binary(operation, x, row, Broadcast.ROW, z));
      put(
          operation + " SCALAR",
          () -> backend.elementwise().binary(operation, x, one, Broadcast.SCALAR, z));
    }
    put("scale", () -> backend.elementwise().scale(0.5, x, z));
    put("axpy", () -> backend.elementwise().axpy(0.5, x, z));
    put("multiplyAdd", () -> backend.elementwise().multiplyAdd(x, y, z, z));
    put("clamp", () -> backend.elementwise().clamp(-1, 1, x, z));
    put("transpose2d", () -> backend.elementwise().transpose2d(x, transposed));

    for (Axis axis : Axis.values()) {
      Tensor out = axis == Axis.ALL ? one : axis == Axis.ROWS ? otherRow : otherColumn;
      put("sum " + axis, () -> backend.reductions().sum(x, axis, true, out));
      put("mean " + axis, () -> backend.reductions().mean(x, axis, out));
      put("max " + axis, () -> backend.reductions().max(x, axis, out));
    }
    put("argmax", () -> backend.reductions().argmax(x, labels));
    put("sumOfSquares", () -> backend.reductions().sumOfSquares(x, one));
    put("dot", () -> backend.reductions().dot(x, y, one));
    put("countNonFinite", () -> backend.reductions().countNonFinite(x, count));

    for (Activation f : Activation.values()) {
      put(f + " forward", () -> backend.activations().forward(f, x, z));
      put(f + " backward", () -> backend.activations().backward(f, x, y, z));
    }
    put("softmax", () -> backend.softmax().softmax(x, z));
    put("logSoftmax", () -> backend.softmax().logSoftmax(x, z));
    put("softmax backward", () -> backend.softmax().softmaxBackward(x, y, z));
    put("logSoftmax backward", () -> backend.softmax().logSoftmaxBackward(x, y, z));
    CrossEntropySpec smooth = new CrossEntropySpec(-1, 0.1);
    put(
        "cross-entropy",
        () -> backend.losses().softmaxCrossEntropy(smooth, x, labels, row, two, z));
    for (Pointwise loss : Pointwise.values()) {
      put(loss.toString(), () -> backend.losses().pointwise(loss, 1, x, y, null, two, z));
      put(loss + " weighted", () -> backend.losses().pointwise(loss, 1, x, y, x, two, z));
    }

    prepareConvolutions();
    Tensor images = x.reshape(Shape.of(1, ROWS, COLUMNS));
    Tensor out = z.reshape(Shape.of(1, ROWS, COLUMNS));
    put(
        "batchNorm of images",
        () ->
            backend
                .norms()
                .batchNormTrain(
                    1e-5,
                    0.1,
                    images,
                    column,
                    column,
                    otherColumn,
                    otherColumn,
                    out,
                    otherColumn,
                    otherColumn));
    put(
        "batchNorm",
        () ->
            backend
                .norms()
                .batchNormTrain(1e-5, 0.1, x, row, row, otherRow, moreRow, z, lastRow, lastRow));
    put(
        "batchNorm infer",
        () -> backend.norms().batchNormInfer(1e-5, x, row, row, otherRow, moreRow, z));
    put(
        "batchNorm backward",
        () -> backend.norms().batchNormBackward(x, row, row, row, y, z, otherRow, moreRow));
    put(
        "layerNorm",
        () -> backend.norms().layerNorm(1e-5, x, row, row, z, otherColumn, otherColumn));
    put(
        "layerNorm backward",
        () -> backend.norms().layerNormBackward(x, row, column, column, y, z, otherRow, moreRow));
    put("dropout", () -> backend.dropout().forward(0.5, 1, state, x, z));
    put("gather", () -> backend.embedding().gather(labels, square, z));
    put("scatterAdd", () -> backend.embedding().scatterAdd(labels, 3, x, square));

    for (RecurrentCell cell : RecurrentCell.values()) {
      recurrent(cell + " step", new RecurrentSpec(cell, 3, 19, 13, 37, 2, true, 0.3, 1, true));
      recurrent(cell + " infer", new RecurrentSpec(cell, 3, 1, 13, 37, 1, false, 0, 1, false));
      recurrent(cell + " one", new RecurrentSpec(cell, 3, 1, 13, 163, 1, false, 0, 1, true));
    }

    put("sgd", () -> backend.optimizers().sgd(false, hyper, x, y, null));
    put("sgd with momentum", () -> backend.optimizers().sgd(true, hyper, x, y, z));
    put("rmsProp", () -> backend.optimizers().rmsProp(hyper, x, y, z, null));
    put("adagrad", () -> backend.optimizers().adagrad(hyper, x, y, z));
    Tensor squares = tensor(DataType.FLOAT32, ROWS, COLUMNS);
    put("adam", () -> backend.optimizers().adam(false, hyper, x, y, z, squares));
    put("adamW", () -> backend.optimizers().adam(true, hyper, x, y, z, squares));
    put("clipByValue", () -> backend.optimizers().clipByValue(1, y));
    put("clipByNorm", () -> backend.optimizers().clipByNorm(1, y, one));
  }

  /**
   * Many and fewer channels, a first layer, layers with stride 2 and 3, one channel for each
   * filter, one filter element.
   */
  private void prepareConvolutions() {
    Conv2dSpec layer = Conv2dSpec.of(4, 19, 15, 13, 21, 3, 1, 1);
    putConvolution("conv2d on transformed tiles", layer);
    putConvolution("conv2d", Conv2dSpec.of(4, 13, 15, 13, 21, 3, 1, 1));
    putConvolution("conv2d of pixels", Conv2dSpec.of(4, 19, 15, 13, 21, 1, 1, 0));
    putConvolution("conv2d with stride 2", Conv2dSpec.of(4, 19, 15, 37, 21, 3, 2, 1));
    putConvolution("conv2d with stride 3", Conv2dSpec.of(4, 19, 15, 37, 21, 3, 3, 1));
    putConvolution("conv2d of grey pictures", Conv2dSpec.of(4, 1, 28, 28, 21, 3, 1, 1));
    putConvolution("conv2d by depth", Conv2dSpec.of(4, 19, 15, 13, 19, 3, 1, 1).withGroups(19));
    for (Mode mode : Mode.values()) {
      for (int stride = 1; stride <= 3; stride++) {
        putPooling(Pool2dSpec.of(mode, 4, 19, 15, 37, 3, stride, 1));
      }
    }
    putPooling(Pool2dSpec.of(Mode.MAX, 4, 19, 15, 37, 2, 2, 0));
    putPooling(Pool2dSpec.globalAverage(4, 19, 15, 37));
  }

  private void putConvolution(String name, Conv2dSpec spec) {
    Conv2d conv = backend.conv2d();
    Conv2d.Plan plan = conv.plan(spec);
    Tensor x = tensor(DataType.FLOAT32, spec.input().toArray());
    Tensor w = tensor(DataType.FLOAT32, spec.filter().toArray());
    Tensor y = tensor(DataType.FLOAT32, spec.output().toArray());
    Tensor bias = tensor(DataType.FLOAT32, spec.outChannels());
    Tensor workspace = tensor(DataType.FLOAT32, (int) plan.workspaceElements());
    put(name, () -> conv.forward(plan, x, w, bias, Activation.RELU, y, workspace));
    put(name + " and tanh", () -> conv.forward(plan, x, w, null, Activation.TANH, y, workspace));
    put(name + " backwardData", () -> conv.backwardData(plan, y, w, x, workspace));
    put(name + " backwardFilter", () -> conv.backwardFilter(plan, x, y, w, workspace));
    put(name + " backwardBias", () -> conv.backwardBias(plan, y, bias));
  }

  private void putPooling(Pool2dSpec spec) {
    Tensor x = tensor(DataType.FLOAT32, spec.input().toArray());
    Tensor y = tensor(DataType.FLOAT32, spec.output().toArray());
    Tensor dx = tensor(DataType.FLOAT32, spec.input().toArray());
    put(spec + " forward", () -> backend.pool2d().forward(spec, x, y));
    put(spec + " backward", () -> backend.pool2d().backward(spec, x, y, y, dx));
  }

  @AfterAll
  void close() {
    backend.close();
  }

  @TestFactory
  Iterable<DynamicTest> allocatesNothing() {
    return operations.entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(), () -> check(entry.getKey(), entry.getValue())))
        .toList();
  }

  private static void check(String name, Runnable operation) throws Exception {
    long allocated = allocatedBy(operation);
    for (int program = 0; allocated > 0 && program < MOST_PROGRAMS; program++) {
      allocated = allocatedAlone(name);
    }
    assertThat(allocated).as("bytes in %d calls of %s", CALLS, name).isZero();
  }

  /** Returns what an operation allocates in a program of its own, on the same processors. */
  private static long allocatedAlone(String name) throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-cp",
                classPath,
                AllocationTest.class.getName(),
                name)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(program.waitFor()).as("exit code for %s: %s", name, output).isZero();
    return Long.parseLong(output.strip());
  }

  /** Prints the bytes that the operation of a name allocates after warm-up. */
  public static void main(String[] name) {
    AllocationTest test = new AllocationTest();
    test.prepare();
    System.out.println(allocatedBy(test.operations.get(name[0])));
    test.close();
  }

  private static long allocatedBy(Runnable operation) {
    long[] ids = threads();
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < MOST_ROUNDS && allocated > 0; round++) {
      long before = allocated(ids);
      for (int call = 0; call < CALLS; call++) {
        operation.run();
      }
      allocated = allocated(ids) - before;
    }
    return allocated;
  }

  /** The caller and the workers. */
  private static long[] threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread ->
                thread == Thread.currentThread() || thread.getName().startsWith("tandem-cpu-"))
        .mapToLong(Thread::threadId)
        .toArray();
  }

  private static long allocated(long[] ids) {
    long sum = 0;
    for (long id : ids) {
      sum += THREADS.getThreadAllocatedBytes(id);
    }
    return sum;
  }

  /** Adds a step of training, or of inference, with lengths. */
  private void recurrent(String name, RecurrentSpec spec) {
    Recurrent family = backend.recurrent();
    Recurrent.Plan plan = family.plan(spec);
    int width = spec.hiddenSize() * spec.directions();
    int states = spec.layers() * spec.directions() * spec.batch() * spec.hiddenSize();
    boolean cells = spec.cell().hasCellState();
    Tensor lengths = tensor(DataType.INT32, spec.batch());
    backend
        .transfers()
        .upload(IntStream.range(0, spec.batch()).map(n -> n % 3 + 1).toArray(), 0, lengths);
    Recurrent.Forward forward =
        new Recurrent.Forward(
            tensor(DataType.FLOAT32, spec.time(), spec.batch(), spec.inputSize()),
            lengths,
            tensor(DataType.FLOAT32, states),
            cells ? tensor(DataType.FLOAT32, states) : null,
            tensor(DataType.FLOAT32, (int) plan.weightElements()),
            tensor(DataType.INT32, 4),
            tensor(DataType.FLOAT32, spec.time(), spec.batch(), width),
            tensor(DataType.FLOAT32, states),
            cells ? tensor(DataType.FLOAT32, states) : null,
            tensor(DataType.FLOAT32, (int) plan.workspaceElements()),
            spec.training() ? tensor(DataType.FLOAT32, (int) plan.reserveElements()) : null);
    backend.transfers().fill(forward.weights(), 0.01);
    Recurrent.Backward backward =
        new Recurrent.Backward(
            forward,
            tensor(DataType.FLOAT32, spec.time(), spec.batch(), width),
            tensor(DataType.FLOAT32, states),
            cells ? tensor(DataType.FLOAT32, states) : null,
            tensor(DataType.FLOAT32, spec.time(), spec.batch(), spec.inputSize()),
            tensor(DataType.FLOAT32, states),
            cells ? tensor(DataType.FLOAT32, states) : null,
            tensor(DataType.FLOAT32, (int) plan.weightElements()));
    put(
        name,
        () -> {
          family.forward(plan, forward);
          if (spec.training()) {
            family.backwardData(plan, backward);
            family.backwardWeights(plan, backward);
          }
        });
  }

  private void put(String name, Runnable operation) {
    operations.put(name, operation);
  }

  private Tensor tensor(DataType type, int... shape) {
    MemoryPlan plan = new MemoryPlan();
    MemoryPlan.Slot slot = plan.add(MemoryKind.ACTIVATIONS, "x", type, Shape.of(shape));
    return backend.allocate(plan).tensor(slot);
  }
}
