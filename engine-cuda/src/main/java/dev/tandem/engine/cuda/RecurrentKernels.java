package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;
import static dev.tandem.engine.cuda.CudaStorage.pointer;

import dev.tandem.engine.Dropout;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Cublas;
import dev.tandem.engine.cuda.jcuda.Kernel;
import dev.tandem.engine.cuda.jcuda.KernelModule;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * The kernels of {@code recurrent.cu} and the products between them. An operand is a tensor and the
 * element of it with which the operand begins; a tensor that is null stands for what {@code
 * recurrent.cu} says of null.
 */
final class RecurrentKernels {
  private static final int WARP = 32;

  /** The threads of a block that share the rows of a column in a sum. */
  private static final int ROWS_OF_BLOCK = 8;

  private final Cublas cublas;
  private final Map<RecurrentCell, Kernel> forward = new EnumMap<>(RecurrentCell.class);
  private final Map<RecurrentCell, Kernel> backward = new EnumMap<>(RecurrentCell.class);
  private final Kernel beginStates;
  private final Kernel endStates;
  private final Kernel copyValid;
  private final Kernel spoil;
  private final Kernel pad;
  private final Kernel gatherWeights;
  private final Kernel addGradients;
  private final Kernel sumRows;
  private final Kernel dropout;

  RecurrentKernels(CudaBackend backend) {
    cublas = backend.cublas();
    KernelModule module = backend.kernels().module("recurrent");
    for (RecurrentCell cell : RecurrentCell.values()) {
      String name = cell.name().toLowerCase(Locale.ROOT);
      forward.put(cell, module.kernel(name + "_forward"));
      backward.put(cell, module.kernel(name + "_backward"));
    }
    beginStates = module.kernel("begin_states");
    endStates = module.kernel("end_states");
    copyValid = module.kernel("copy_valid");
    spoil = module.kernel("spoil");
    pad = module.kernel("pad");
    gatherWeights = module.kernel("gather_weights");
    addGradients = module.kernel("add_gradients");
    sumRows = module.kernel("sum_rows");
    dropout = backend.kernels().module("dropout").kernel("dropout");
  }

  private static long at(Tensor tensor, long element) {
    return tensor == null ? 0 : address(tensor) + element * Float.BYTES;
  }

  /**
   * {@code C = op(A) op(B) + beta C} for a number of row-major matrices C {@code [M,N]}, the sums
   * of K products; leading dimensions are elements from row to row, strides those from matrix to
   * matrix. cuBLAS sees all matrices transposed, so that A and B change places.
   */
  void product(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      Tensor a,
      long atA,
      int lda,
      long strideA,
      Tensor b,
      long atB,
      int ldb,
      long strideB,
      double beta,
      Tensor c,
      long atC,
      int ldc,
      long strideC,
      int count) {
    cublas.gemm(
        transposeB,
        transposeA,
        n,
        m,
        k,
        1,
        pointer(b, atB),
        ldb,
        strideB,
        pointer(a, atA),
        lda,
        strideA,
        beta,
        pointer(c, atC),
        ldc,
        strideC,
        count);
  }

  /** Makes a step forward in all directions. */
  void forward(
      RecurrentPlan plan,
      int layer,
      int step,
      Tensor lengths,
      Tensor store,
      long first,
      Tensor workspace,
      long scratch,
      Tensor y,
      long atY) {
    RecurrentSteps steps = plan.steps();
    sizes(forward.get(plan.spec().cell()), plan.spec(), step, lengths)
        .address(at(store, first + steps.gates(layer)))
        .address(at(workspace, scratch + steps.hiddenProducts()))
        .index(steps.packedElements())
        .address(at(workspace, scratch + steps.packed() + steps.packedBias(layer)))
        .address(at(store, first + steps.hidden(layer)))
        .address(at(store, first + steps.cells(layer)))
        .address(at(y, atY))
        .launchOver(steps.stepElements());
  }

  /** Makes a step backward in all directions, but for what a product adds to dh. */
  void backward(
      RecurrentPlan plan,
      int layer,
      int step,
      Tensor lengths,
      Tensor store,
      long first,
      Tensor workspace,
      long scratch,
      Tensor dy,
      long atDy) {
    RecurrentSteps steps = plan.steps();
    sizes(backward.get(plan.spec().cell()), plan.spec(), step, lengths)
        .address(at(store, first + steps.gates(layer)))
        .address(at(store, first + steps.hidden(layer)))
        .address(at(store, first + steps.cells(layer)))
        .address(at(dy, atDy))
        .address(at(workspace, scratch + steps.dh()))
        .address(at(workspace, scratch + steps.dc()))
        .launchOver(steps.stepElements());
  }

  private static Kernel sizes(Kernel kernel, RecurrentSpec spec, int step, Tensor lengths) {
    return kernel
        .integer(spec.time())
        .integer(spec.batch())
        .integer(spec.hiddenSize())
        .integer(spec.directions())
        .integer(step)
        .address(address(lengths));
  }

  /** Writes the states of a layer before all steps. */
  void beginStates(
      RecurrentPlan plan, int layer, Tensor lengths, Tensor initial, Tensor states, long atStates) {
    states(beginStates, plan.spec(), lengths)
        .address(at(initial, layer * plan.steps().stepElements()))
        .address(at(states, atStates))
        .launchOver(plan.steps().stepElements());
  }

  /** Reads the states of a layer after all steps; nothing if the final ones are null. */
  void endStates(
      RecurrentPlan plan, int layer, Tensor lengths, Tensor states, long atStates, Tensor last) {
    if (last != null) {
      states(endStates, plan.spec(), lengths)
          .address(at(states, atStates))
          .address(at(last, layer * plan.steps().stepElements()))
          .launchOver(plan.steps().stepElements());
    }
  }

  private static Kernel states(Kernel kernel, RecurrentSpec spec, Tensor lengths) {
    return kernel
        .integer(spec.time())
        .integer(spec.batch())
        .integer(spec.hiddenSize())
        .integer(spec.directions())
        .address(address(lengths));
  }

  /** Copies {@code [D,N,H]}; another number where an example has no length. */
  void copyValid(
      RecurrentPlan plan,
      Tensor lengths,
      double absent,
      Tensor from,
      long atFrom,
      Tensor to,
      long atTo) {
    RecurrentSpec spec = plan.spec();
    copyValid
        .integer(spec.directions())
        .integer(spec.time())
        .integer(spec.batch())
        .integer(spec.hiddenSize())
        .address(address(lengths))
        .number(absent)
        .address(at(from, atFrom))
        .address(at(to, atTo))
        .launchOver(plan.steps().stepElements());
  }

  /** Writes NaN for the examples that have no length into {@code [T,N,columns]}. */
  void spoil(RecurrentPlan plan, int columns, Tensor lengths, Tensor values) {
    if (lengths != null) {
      sequences(spoil, plan.spec(), columns, lengths)
          .address(address(values))
          .launchOver(values.elements());
    }
  }

  /** Copies x with zeros behind the ends. */
  void pad(RecurrentPlan plan, Tensor lengths, Tensor x, Tensor to, long atTo) {
    sequences(pad, plan.spec(), plan.spec().inputSize(), lengths)
        .address(address(x))
        .address(at(to, atTo))
        .launchOver(x.elements());
  }

  private static Kernel sequences(Kernel kernel, RecurrentSpec spec, int columns, Tensor lengths) {
    return kernel
        .integer(spec.time())
        .integer(spec.batch())
        .integer(columns)
        .address(address(lengths));
  }

  /** Packs the weights of a layer and direction. */
  void gatherWeights(
      RecurrentPlan plan, int layer, int direction, Tensor block, Tensor to, long atTo) {
    places(gatherWeights, plan, layer, direction)
        .address(address(block))
        .address(at(to, atTo))
        .launchOver(packed(plan, layer));
  }

  /** Adds the packed gradients of a layer and direction to those of all weights. */
  void addGradients(
      RecurrentPlan plan, int layer, int direction, Tensor from, long atFrom, Tensor block) {
    places(addGradients, plan, layer, direction)
        .address(at(from, atFrom))
        .address(address(block))
        .launchOver(packed(plan, layer));
  }

  private static long packed(RecurrentPlan plan, int layer) {
    return plan.steps().packedBias(layer) + plan.steps().rowLength();
  }

  private static Kernel places(Kernel kernel, RecurrentPlan plan, int layer, int direction) {
    RecurrentSpec spec = plan.spec();
    kernel
        .integer(spec.hiddenSize())
        .integer(spec.inputSize(layer))
        .integer(spec.cell().gates())
        .integer(plan.steps().slots());
    for (long place : plan.steps().places(layer, direction)) {
      kernel.index(place);
    }
    return kernel;
  }

  /** Sums the gradients of the gates over all rows, in two steps. */
  void sumRows(RecurrentPlan plan, Tensor gates, long atGates, Tensor to, long atTo, long parts) {
    RecurrentSteps steps = plan.steps();
    sums(steps, steps.rows(), steps.rowsOfPart(), at(gates, atGates), at(to, parts), steps.parts());
    sums(steps, steps.parts(), steps.parts(), at(to, parts), at(to, atTo), 1);
  }

  private void sums(
      RecurrentSteps steps, long rows, long rowsOfPart, long from, long to, int parts) {
    int columns = steps.rowLength();
    sumRows
        .index(rows)
        .index(rowsOfPart)
        .integer(columns)
        .address(from)
        .address(to)
        .launch((columns + WARP - 1) / WARP, parts, 1, WARP, ROWS_OF_BLOCK, 1, 0);
  }

  /** Drops outputs of a layer, or their gradients, in place. */
  void drop(RecurrentPlan plan, int layer, Tensor state, Tensor values, long atValues) {
    RecurrentSpec spec = plan.spec();
    long elements = plan.steps().outputElements();
    dropout
        .index(elements)
        .integer(Dropout.threshold(spec.dropout()))
        .number(1 / (1 - spec.dropout()))
        .integer(spec.dropoutStream() + layer)
        .address(address(state))
        .address(at(values, atValues))
        .address(at(values, atValues))
        .launchOver((elements + 3) / 4);
  }
}
