// Descriptors of recurrent layers and of sequences, and what can be asked about them.
#include "recurrent_setup.h"

namespace standin {

Registry<cudnnRNNStruct>& recurrents() {
  static Registry<cudnnRNNStruct> all;
  return all;
}
Registry<cudnnRNNDataStruct>& sequences() {
  static Registry<cudnnRNNDataStruct> all;
  return all;
}

const cudnnRNNStruct& recurrent(cudnnRNNDescriptor_t descriptor) {
  const cudnnRNNStruct& rnn = recurrents().of("layers' descriptor", descriptor);
  if (!rnn.set) refuse(CUDNN_STATUS_BAD_PARAM, "the layers' descriptor was not set");
  return rnn;
}

const cudnnRNNDataStruct& sequence(const char* name, cudnnRNNDataDescriptor_t descriptor) {
  const cudnnRNNDataStruct& data = sequences().of(name, descriptor);
  if (!data.set) refuse(CUDNN_STATUS_BAD_PARAM, format("%s was not set", name));
  return data;
}

std::size_t reserveBytes(const Layers& layers, const Sequences& sequences) {
  return RESERVE_HEADER + Reserve(layers, sequences).elements() * sizeof(float);
}

std::size_t workBytes(const Layers& layers, const Sequences& sequences) {
  return std::size_t{1} * sequences.batch * layers.gates * layers.hidden * sizeof(float) + 1;
}

}  // namespace standin

namespace {

using namespace standin;

constexpr int DOUBLE_BIAS = 2;
constexpr int ALGORITHM_STANDARD = 0;
constexpr int LINEAR_INPUT = 0;
constexpr unsigned PADDED_IO = 1;
enum DataLayout { SEQ_MAJOR_UNPACKED = 0, SEQ_MAJOR_PACKED = 1, BATCH_MAJOR_UNPACKED = 2 };

void requireOne(const char* what, int value, int known) {
  if (value != known) refuse(CUDNN_STATUS_NOT_SUPPORTED, format("%s %d: the stand-in knows %d alone", what, value, known));
}

}  // namespace

STANDIN_CALL cudnnStatus_t cudnnCreateRNNDescriptor(cudnnRNNDescriptor_t* descriptor) {
  return guarded("cudnnCreateRNNDescriptor", [&] { *descriptor = recurrents().add(); });
}
STANDIN_CALL cudnnStatus_t cudnnDestroyRNNDescriptor(cudnnRNNDescriptor_t descriptor) {
  return guarded("cudnnDestroyRNNDescriptor", [&] { recurrents().remove("descriptor", descriptor); });
}
STANDIN_CALL cudnnStatus_t cudnnCreateRNNDataDescriptor(cudnnRNNDataDescriptor_t* descriptor) {
  return guarded("cudnnCreateRNNDataDescriptor", [&] { *descriptor = sequences().add(); });
}
STANDIN_CALL cudnnStatus_t cudnnDestroyRNNDataDescriptor(cudnnRNNDataDescriptor_t descriptor) {
  return guarded("cudnnDestroyRNNDataDescriptor", [&] { sequences().remove("descriptor", descriptor); });
}

STANDIN_CALL cudnnStatus_t cudnnSetRNNDescriptor_v8(cudnnRNNDescriptor_t descriptor, int algorithm, int cell,
                                                    int biasMode, int direction, int inputMode, int dataType,
                                                    int precision, int math, int inputSize, int hiddenSize,
                                                    int projectedSize, int layers,
                                                    cudnnDropoutDescriptor_t dropout, unsigned flags) {
  return guarded("cudnnSetRNNDescriptor_v8", [&] {
    cudnnRNNStruct& rnn = recurrents().of("descriptor", descriptor);
    requireOne("algorithm", algorithm, ALGORITHM_STANDARD);
    requireOne("bias mode", biasMode, DOUBLE_BIAS);
    requireOne("input mode", inputMode, LINEAR_INPUT);
    requireOne("data type", dataType, CUDNN_DATA_FLOAT);
    requireOne("precision", precision, CUDNN_DATA_FLOAT);
    requireOne("projected size", projectedSize, hiddenSize);
    if (cell < CELL_RELU || cell > CELL_GRU || direction < 0 || direction > 1 || math < CUDNN_DEFAULT_MATH ||
        math > CUDNN_FMA_MATH || inputSize < 1 || hiddenSize < 1 || layers < 1) {
      refuse(CUDNN_STATUS_BAD_PARAM, format("cell %d, direction %d, math %d, input %d, hidden %d, %d layers", cell,
                                            direction, math, inputSize, hiddenSize, layers));
    }
    if (dropout != nullptr && !dropouts().of("dropout's descriptor", dropout).set) {
      refuse(CUDNN_STATUS_BAD_PARAM, "the dropout's descriptor was not set");
    }
    rnn = {true, cell, direction == 1, math, inputSize, hiddenSize, layers, (flags & PADDED_IO) != 0};
  });
}

STANDIN_CALL cudnnStatus_t cudnnSetRNNDataDescriptor(cudnnRNNDataDescriptor_t descriptor, int dataType, int layout,
                                                     int time, int batch, int features, const int* lengths,
                                                     void* padding) {
  return guarded("cudnnSetRNNDataDescriptor", [&] {
    cudnnRNNDataStruct& data = sequences().of("descriptor", descriptor);
    requireOne("data type", dataType, CUDNN_DATA_FLOAT);
    if (layout == SEQ_MAJOR_PACKED) refuse(CUDNN_STATUS_NOT_SUPPORTED, "the stand-in has no packed sequences");
    if (layout != SEQ_MAJOR_UNPACKED && layout != BATCH_MAJOR_UNPACKED) {
      refuse(CUDNN_STATUS_BAD_PARAM, format("layout %d", layout));
    }
    if (time < 1 || batch < 1 || features < 1 || lengths == nullptr) {
      refuse(CUDNN_STATUS_BAD_PARAM, format("%d steps of %d sequences of %d", time, batch, features));
    }
    for (int n = 0; n < batch; n++) {
      if (lengths[n] < 0 || lengths[n] > time) {
        refuse(CUDNN_STATUS_BAD_PARAM, format("sequence %d of %d has %d steps", n, time, lengths[n]));
      }
    }
    data = {true, layout == BATCH_MAJOR_UNPACKED, time, batch, features, {lengths, lengths + batch},
            padding != nullptr, padding == nullptr ? 0 : *static_cast<float*>(padding)};
  });
}

STANDIN_CALL cudnnStatus_t cudnnGetRNNWeightSpaceSize(cudnnHandle_t handle, cudnnRNNDescriptor_t descriptor,
                                                      std::size_t* bytes) {
  return guarded("cudnnGetRNNWeightSpaceSize", [&] {
    requireHandle("cudnnGetRNNWeightSpaceSize", handle);
    *bytes = Layers(recurrent(descriptor)).weightElements() * sizeof(float);
  });
}

STANDIN_CALL cudnnStatus_t cudnnGetRNNTempSpaceSizes(cudnnHandle_t handle, cudnnRNNDescriptor_t descriptor, int mode,
                                                     cudnnRNNDataDescriptor_t xDescriptor, std::size_t* work,
                                                     std::size_t* reserve) {
  return guarded("cudnnGetRNNTempSpaceSizes", [&] {
    requireHandle("cudnnGetRNNTempSpaceSizes", handle);
    Layers layers(recurrent(descriptor));
    const cudnnRNNDataStruct& x = sequence("x's descriptor", xDescriptor);
    Sequences all{x.time, x.batch, x.lengths, x.batchMajor};
    *work = workBytes(layers, all);
    *reserve = mode == MODE_TRAINING ? reserveBytes(layers, all) : 0;
  });
}

STANDIN_CALL cudnnStatus_t cudnnGetRNNWeightParams(cudnnHandle_t handle, cudnnRNNDescriptor_t descriptor,
                                                   int pseudoLayer, std::size_t bytes, const void* weights,
                                                   int linear, cudnnTensorDescriptor_t matrix, void** matrixAddress,
                                                   cudnnTensorDescriptor_t bias, void** biasAddress) {
  return guarded("cudnnGetRNNWeightParams", [&] {
    requireHandle("cudnnGetRNNWeightParams", handle);
    Layers layers(recurrent(descriptor));
    if (pseudoLayer < 0 || pseudoLayer >= layers.layers * layers.directions || linear < 0 ||
        linear >= 2 * layers.gates) {
      refuse(CUDNN_STATUS_BAD_PARAM, format("pseudo layer %d, linear layer %d", pseudoLayer, linear));
    }
    if (bytes < layers.weightElements() * sizeof(float)) {
      refuse(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT, format("weights of %zu bytes", bytes));
    }
    requireOperand("weights", weights, bytes);
    int columns = linear < layers.gates ? layers.inputsOf(pseudoLayer / layers.directions) : layers.hidden;
    tensors().of("matrix's descriptor", matrix) = {{1, layers.hidden, columns}, {layers.hidden * columns, columns, 1}};
    tensors().of("bias's descriptor", bias) = {{1, layers.hidden, 1}, {layers.hidden, 1, 1}};
    float* first = const_cast<float*>(static_cast<const float*>(weights));
    *matrixAddress = first + layers.matrix(pseudoLayer, linear);
    *biasAddress = first + layers.bias(pseudoLayer, linear);
  });
}
