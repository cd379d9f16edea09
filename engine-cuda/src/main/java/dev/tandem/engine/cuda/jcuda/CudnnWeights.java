package dev.tandem.engine.cuda.jcuda;

import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.WeightRegion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDirectionMode;
import jcuda.jcudnn.cudnnRNNAlgo;
import jcuda.jcudnn.cudnnRNNBiasMode;
import jcuda.jcudnn.cudnnRNNDescriptor;
import jcuda.jcudnn.cudnnRNNInputMode;
import jcuda.jcudnn.cudnnRNNMode;
import jcuda.jcudnn.cudnnTensorDescriptor;

/**
 * Recurrent layers of some sizes, and where cuDNN wants their weights: each gate of each parameter
 * by itself, asked for one by one.
 *
 * <p>cuDNN numbers the linear layers of a layer and direction (cudnnGetRNNWeightParams): first
 * those of the input, then those of the hidden state, each in the order of gates that PyTorch and
 * the seam have too: LSTM i, f, g, o; GRU r, z, n.
 */
public final class CudnnWeights {
  /** What the layout depends on. */
  record Sizes(
      RecurrentCell cell, int inputSize, int hiddenSize, int layers, boolean bidirectional) {
    static Sizes of(RecurrentSpec spec) {
      return new Sizes(
          spec.cell(), spec.inputSize(), spec.hiddenSize(), spec.layers(), spec.bidirectional());
    }

    int directions() {
      return bidirectional ? 2 : 1;
    }

    int inputSize(int layer) {
      return layer == 0 ? inputSize : hiddenSize * directions();
    }
  }

  /** Sequences may be shorter than T in descriptors of data; ours never are, see CudnnRecurrent. */
  private static final int PADDED_IO = 1;

  private static final int AXES = 3;

  /** JCuda's pointer, which tells its address to subclasses alone. */
  private static final class Answer extends Pointer {
    long address() {
      return getNativePointer() + getByteOffset();
    }
  }

  private final Cudnn cudnn;
  private final Sizes sizes;
  private final cudnnRNNDescriptor descriptor;
  private final long bytes;
  private final List<WeightRegion> regions = new ArrayList<>();

  CudnnWeights(Cudnn cudnn, Sizes sizes) {
    this.cudnn = cudnn;
    this.sizes = sizes;
    descriptor = cudnn.descriptors().recurrent();
    Status.cudnn(
        JCudnn.cudnnSetRNNDescriptor_v8(
            descriptor,
            cudnnRNNAlgo.CUDNN_RNN_ALGO_STANDARD,
            mode(sizes.cell()),
            cudnnRNNBiasMode.CUDNN_RNN_DOUBLE_BIAS,
            sizes.bidirectional()
                ? cudnnDirectionMode.CUDNN_BIDIRECTIONAL
                : cudnnDirectionMode.CUDNN_UNIDIRECTIONAL,
            cudnnRNNInputMode.CUDNN_LINEAR_INPUT,
            cudnnDataType.CUDNN_DATA_FLOAT,
            cudnnDataType.CUDNN_DATA_FLOAT,
            cudnn.mathType(),
            sizes.inputSize(),
            sizes.hiddenSize(),
            sizes.hiddenSize(),
            sizes.layers(),
            cudnn.descriptors().noDropout(cudnn.handle()),
            PADDED_IO),
        "cudnnSetRNNDescriptor_v8",
        sizes);
    long[] size = new long[1];
    Status.cudnn(
        JCudnn.cudnnGetRNNWeightSpaceSize(cudnn.handle(), descriptor, size),
        "cudnnGetRNNWeightSpaceSize",
        sizes);
    bytes = size[0];
    ask();
  }

  private static int mode(RecurrentCell cell) {
    return switch (cell) {
      case RNN_TANH -> cudnnRNNMode.CUDNN_RNN_TANH;
      case RNN_RELU -> cudnnRNNMode.CUDNN_RNN_RELU;
      case LSTM -> cudnnRNNMode.CUDNN_LSTM;
      case GRU -> cudnnRNNMode.CUDNN_GRU;
    };
  }

  /**
   * Asks for all regions. cuDNN answers with addresses inside a block that must be there (without
   * one it refuses), though it only adds to its address; so one is taken and given back.
   */
  private void ask() {
    try (CudnnDescriptors answers = new CudnnDescriptors();
        DeviceBuffer block = cudnn.allocate(bytes)) {
      cudnnTensorDescriptor matrix = answers.tensor();
      cudnnTensorDescriptor bias = answers.tensor();
      int gates = sizes.cell().gates();
      for (int layer = 0; layer < sizes.layers(); layer++) {
        for (int direction = 0; direction < sizes.directions(); direction++) {
          String suffix = "_l" + layer + (direction == 0 ? "" : "_reverse");
          for (int linear = 0; linear < 2 * gates; linear++) {
            Answer matrixPlace = new Answer();
            Answer biasPlace = new Answer();
            Status.cudnn(
                JCudnn.cudnnGetRNNWeightParams(
                    cudnn.handle(),
                    descriptor,
                    layer * sizes.directions() + direction,
                    bytes,
                    block.at(0).pointer(),
                    linear,
                    matrix,
                    matrixPlace,
                    bias,
                    biasPlace),
                "cudnnGetRNNWeightParams",
                sizes);
            boolean ofInput = linear < gates;
            String kind = (ofInput ? "_ih" : "_hh") + suffix;
            int gate = linear % gates;
            int columns = ofInput ? sizes.inputSize(layer) : sizes.hiddenSize();
            add("weight" + kind, gate, columns, matrix, matrixPlace.address() - block.address());
            add("bias" + kind, gate, 1, bias, biasPlace.address() - block.address());
          }
        }
      }
    }
  }

  private void add(
      String parameter, int gate, int columns, cudnnTensorDescriptor answer, long offset) {
    int[] axes = new int[1];
    int[] extents = new int[AXES];
    int[] strides = new int[AXES];
    Status.cudnn(
        JCudnn.cudnnGetTensorNdDescriptor(answer, AXES, new int[1], axes, extents, strides),
        "cudnnGetTensorNdDescriptor",
        parameter);
    int rows = sizes.hiddenSize();
    boolean fits = axes[0] == AXES && extents[1] == rows && extents[2] == columns;
    boolean dense = (strides[1] == columns || rows == 1) && (strides[2] == 1 || columns == 1);
    if (!fits || !dense || offset < 0 || offset % Float.BYTES != 0) {
      throw new CudaException(
          "recurrent: cuDNN %d keeps gate %d of %s as %s with strides %s at byte %d, expected %d rows of %d numbers without gaps (use a cuDNN from 8.0 to 9)"
              .formatted(
                  JCudnn.cudnnGetVersion(),
                  gate,
                  parameter,
                  Arrays.toString(extents),
                  Arrays.toString(strides),
                  offset,
                  rows,
                  columns),
          Status.SUCCESS);
    }
    regions.add(new WeightRegion(parameter, gate * rows, rows, columns, offset / Float.BYTES));
  }

  /** Returns cuDNN's description of the layers. */
  cudnnRNNDescriptor descriptor() {
    return descriptor;
  }

  /** Returns the bytes of all weights. */
  public long bytes() {
    return bytes;
  }

  /** Returns where each gate of each parameter lies. */
  public List<WeightRegion> regions() {
    return List.copyOf(regions);
  }

  @Override
  public String toString() {
    return sizes.toString();
  }
}
