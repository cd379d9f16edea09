// cuDNN's three passes over sequences. They must come in their order, with one reserve that nobody
// else touches and operands that stay as they were: the reserve remembers, and its passes compare.
#include <cstring>

#include "recurrent_setup.h"

namespace {

using namespace standin;

enum Stage : std::uint64_t { AFTER_FORWARD = 0x7461, AFTER_DATA = 0x7462 };

struct Header {
  std::uint64_t stage, body, x, hx, cx, weights;
};
static_assert(sizeof(Header) <= RESERVE_HEADER);

std::uint64_t hash(const void* from, std::size_t bytes) {
  if (from == nullptr) return 0;
  std::uint64_t h = 1469598103934665603ull;
  auto words = static_cast<const std::uint32_t*>(from);
  for (std::size_t i = 0; i < bytes / sizeof *words; i++) h = (h ^ words[i]) * 1099511628211ull;
  return h | 1;
}

/** Everything a pass needs besides its operands. */
struct Setting {
  Layers layers;
  Sequences sequences;
  std::size_t inputBytes, outputBytes, stateBytes, weightBytes, workBytes, reserveBytes;
  bool fills;
  float padding;
};

Setting setting(cudnnRNNDescriptor_t descriptor, cudnnRNNDataDescriptor_t xDescriptor,
                cudnnRNNDataDescriptor_t yDescriptor, std::size_t weightBytes, std::size_t work) {
  const cudnnRNNStruct& rnn = recurrent(descriptor);
  const cudnnRNNDataStruct& x = sequence("x's descriptor", xDescriptor);
  const cudnnRNNDataStruct& y = sequence("y's descriptor", yDescriptor);
  Layers layers(rnn);
  if (!rnn.paddedIo) refuse(CUDNN_STATUS_BAD_PARAM, "unpacked sequences without CUDNN_RNN_PADDED_IO_ENABLED");
  if (x.features != layers.inputs || y.features != layers.width() || x.time != y.time || x.batch != y.batch ||
      x.lengths != y.lengths || x.batchMajor != y.batchMajor) {
    refuse(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH,
           format("x [%d, %d, %d] and y [%d, %d, %d] for layers from %d to %d, or their lengths differ", x.time, x.batch,
                  x.features, y.time, y.batch, y.features, layers.inputs, layers.width()));
  }
  Sequences all{x.time, x.batch, x.lengths, x.batchMajor};
  std::size_t rows = std::size_t{1} * x.time * x.batch;
  Setting s{layers, all, rows * x.features * sizeof(float), rows * y.features * sizeof(float),
            std::size_t{1} * layers.layers * layers.directions * x.batch * layers.hidden * sizeof(float),
            layers.weightElements() * sizeof(float), workBytes(layers, all), reserveBytes(layers, all), y.fills,
            y.padding};
  if (weightBytes < s.weightBytes || work < s.workBytes) {
    refuse(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT, format("weights of %zu bytes and a workspace of %zu, %zu and %zu needed",
                                                            weightBytes, work, s.weightBytes, s.workBytes));
  }
  return s;
}

void requireState(const char* name, const Setting& s, cudnnTensorDescriptor_t descriptor) {
  const cudnnTensorStruct& state = tensor(name, descriptor);
  std::vector<int> expected = {s.layers.layers * s.layers.directions, s.sequences.batch, s.layers.hidden};
  if (state.extents != expected || !isPacked(state)) {
    refuse(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH,
           format("%s %s, not %s", name, text(state.extents).c_str(), text(expected).c_str()));
  }
}

struct Operand {
  const char* name;
  const void* address;
  std::size_t bytes;
  bool written;
  bool optional;
};

/** Looks at all operands, when the call is made or (`late`) when it runs. */
void lookAt(const std::vector<Operand>& operands, bool late) {
  for (const Operand& o : operands) {
    if (o.optional && o.address == nullptr) continue;
    late ? checkOperand(o.name, o.address, o.bytes) : requireOperand(o.name, o.address, o.bytes);
    if (!o.written || late) continue;
    for (const Operand& other : operands) {
      auto a = static_cast<const char*>(o.address), b = static_cast<const char*>(other.address);
      if (&other != &o && b != nullptr && a < b + other.bytes && b < a + o.bytes) {
        refuse(CUDNN_STATUS_BAD_PARAM, format("%s and %s overlap", o.name, other.name));
      }
    }
  }
}

void spoil(void* work, std::size_t bytes) { std::memset(work, 0xff, bytes); }

float* body(void* reserve) { return reinterpret_cast<float*>(static_cast<char*>(reserve) + RESERVE_HEADER); }

Header header(const void* reserve) {
  Header h;
  std::memcpy(&h, reserve, sizeof h);
  return h;
}

void seal(void* reserve, const Setting& s, Header h, Stage stage) {
  h.stage = stage;
  h.body = hash(body(reserve), s.reserveBytes - RESERVE_HEADER);
  std::memcpy(reserve, &h, sizeof h);
}

[[noreturn]] void broken(const char* what) { throw Fault{CUDA_ERROR_LAUNCH_FAILED, what}; }

/** Opens a reserve for a backward pass. */
Header open(void* reserve, const Setting& s, bool wantsData) {
  Header h = header(reserve);
  if (h.stage != AFTER_FORWARD && h.stage != AFTER_DATA) broken("no forward pass in training mode filled the reserve");
  if (wantsData && h.stage != AFTER_DATA) broken("cudnnRNNBackwardData_v8 must come before the weights' pass");
  if (!wantsData && h.stage == AFTER_DATA) broken("the reserve serves one data pass: a forward pass must come before");
  if (h.body != hash(body(reserve), s.reserveBytes - RESERVE_HEADER)) broken("the reserve was changed since the pass before");
  return h;
}

void requireSame(const char* what, std::uint64_t before, std::uint64_t now) {
  if (before != now) broken(format("%s is not what the forward pass had", what).c_str());
}

/** y must still hold what the forward pass wrote, which the reserve has too. */
void requireOutputs(const Setting& s, const float* y, const float* kept) {
  Reserve places(s.layers, s.sequences);
  for (int n = 0; n < s.sequences.batch; n++) {
    for (int t = 0; t < s.sequences.lengths[n]; t++) {
      if (std::memcmp(y + s.sequences.row(t, n) * s.layers.width(), kept + places.outputs(s.layers.layers - 1, t, n),
                      s.layers.width() * sizeof(float)) != 0) {
        broken("y is not what the forward pass wrote");
      }
    }
  }
}

const float* floats(const void* address) { return static_cast<const float*>(address); }
float* floats(void* address) { return static_cast<float*>(address); }

void requireReserve(const Setting& s, std::size_t given) {
  if (given < s.reserveBytes) {
    refuse(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT, format("a reserve of %zu bytes, %zu needed", given, s.reserveBytes));
  }
}

}  // namespace

// The lengths on the device are not looked at: since cuDNN 8.9.1 those of the descriptors count.

STANDIN_CALL cudnnStatus_t cudnnRNNForward(cudnnHandle_t handle, cudnnRNNDescriptor_t descriptor, int mode,
                                           const int*, cudnnRNNDataDescriptor_t xDescriptor, const void* x,
                                           cudnnRNNDataDescriptor_t yDescriptor, void* y,
                                           cudnnTensorDescriptor_t hDescriptor, const void* hx, void* hy,
                                           cudnnTensorDescriptor_t cDescriptor, const void* cx, void* cy,
                                           std::size_t weightBytes, const void* weights, std::size_t workSize,
                                           void* work, std::size_t reserveSize, void* reserve) {
  const char* call = "cudnnRNNForward";
  return guarded(call, [&] {
    requireHandle(call, handle);
    Setting s = setting(descriptor, xDescriptor, yDescriptor, weightBytes, workSize);
    bool lstm = s.layers.cell == CELL_LSTM, training = mode == MODE_TRAINING;
    if (hx != nullptr || hy != nullptr) requireState("h's descriptor", s, hDescriptor);
    if (lstm && (cx != nullptr || cy != nullptr)) requireState("c's descriptor", s, cDescriptor);
    if (training) requireReserve(s, reserveSize);
    const void* cells = lstm ? cx : nullptr;
    void* lastCells = lstm ? cy : nullptr;
    std::vector<Operand> operands = {{"x", x, s.inputBytes, false, false},
                                     {"hx", hx, s.stateBytes, false, true},
                                     {"cx", cells, s.stateBytes, false, true},
                                     {"weights", weights, s.weightBytes, false, false},
                                     {"y", y, s.outputBytes, true, false},
                                     {"hy", hy, s.stateBytes, true, true},
                                     {"cy", lastCells, s.stateBytes, true, true},
                                     {"the workspace", work, s.workBytes, true, false}};
    if (training) operands.push_back({"the reserve", reserve, s.reserveBytes, true, false});
    lookAt(operands, false);
    submit(call, handle, [=] {
      lookAt(operands, true);
      std::vector<float> own(training ? 0 : Reserve(s.layers, s.sequences).elements());
      Pass pass{floats(x), floats(hx), floats(cells), floats(weights), floats(y), floats(hy), floats(lastCells),
                training ? body(reserve) : own.data(), s.fills, s.padding};
      forwardPass(s.layers, s.sequences, pass);
      if (training) {
        seal(reserve, s, {0, 0, hash(x, s.inputBytes), hash(hx, s.stateBytes), hash(cells, s.stateBytes),
                          hash(weights, s.weightBytes)}, AFTER_FORWARD);
      }
      spoil(work, s.workBytes);
    });
  });
}

STANDIN_CALL cudnnStatus_t cudnnRNNBackwardData_v8(cudnnHandle_t handle, cudnnRNNDescriptor_t descriptor, const int*,
                                                   cudnnRNNDataDescriptor_t yDescriptor, const void* y,
                                                   const void* dy, cudnnRNNDataDescriptor_t xDescriptor, void* dx,
                                                   cudnnTensorDescriptor_t hDescriptor, const void* hx,
                                                   const void* dhy, void* dhx, cudnnTensorDescriptor_t cDescriptor,
                                                   const void* cx, const void* dcy, void* dcx,
                                                   std::size_t weightBytes, const void* weights,
                                                   std::size_t workSize, void* work, std::size_t reserveSize,
                                                   void* reserve) {
  const char* call = "cudnnRNNBackwardData_v8";
  return guarded(call, [&] {
    requireHandle(call, handle);
    Setting s = setting(descriptor, xDescriptor, yDescriptor, weightBytes, workSize);
    bool lstm = s.layers.cell == CELL_LSTM;
    if (hx != nullptr || dhy != nullptr || dhx != nullptr) requireState("h's descriptor", s, hDescriptor);
    if (lstm && (cx != nullptr || dcy != nullptr || dcx != nullptr)) requireState("c's descriptor", s, cDescriptor);
    requireReserve(s, reserveSize);
    const void *cells = lstm ? cx : nullptr, *lastCells = lstm ? dcy : nullptr;
    void* firstCells = lstm ? dcx : nullptr;
    std::vector<Operand> operands = {{"y", y, s.outputBytes, false, false},
                                     {"dy", dy, s.outputBytes, false, false},
                                     {"hx", hx, s.stateBytes, false, true},
                                     {"dhy", dhy, s.stateBytes, false, true},
                                     {"cx", cells, s.stateBytes, false, true},
                                     {"dcy", lastCells, s.stateBytes, false, true},
                                     {"weights", weights, s.weightBytes, false, false},
                                     {"dx", dx, s.inputBytes, true, false},
                                     {"dhx", dhx, s.stateBytes, true, true},
                                     {"dcx", firstCells, s.stateBytes, true, true},
                                     {"the workspace", work, s.workBytes, true, false},
                                     {"the reserve", reserve, s.reserveBytes, true, false}};
    lookAt(operands, false);
    submit(call, handle, [=] {
      lookAt(operands, true);
      Header h = open(reserve, s, false);
      requireSame("hx", h.hx, hash(hx, s.stateBytes));
      requireSame("cx", h.cx, hash(cells, s.stateBytes));
      requireSame("the weights", h.weights, hash(weights, s.weightBytes));
      requireOutputs(s, floats(y), body(reserve));
      dataPass(s.layers, s.sequences,
               {floats(dy), floats(hx), floats(cells), floats(dhy), floats(lastCells), floats(weights), floats(dx),
                floats(dhx), floats(firstCells), body(reserve)});
      seal(reserve, s, h, AFTER_DATA);
      spoil(work, s.workBytes);
    });
  });
}

STANDIN_CALL cudnnStatus_t cudnnRNNBackwardWeights_v8(cudnnHandle_t handle, cudnnRNNDescriptor_t descriptor,
                                                      int gradientMode, const int*,
                                                      cudnnRNNDataDescriptor_t xDescriptor, const void* x,
                                                      cudnnTensorDescriptor_t hDescriptor, const void* hx,
                                                      cudnnRNNDataDescriptor_t yDescriptor, const void* y,
                                                      std::size_t weightBytes, void* dw, std::size_t workSize,
                                                      void* work, std::size_t reserveSize, void* reserve) {
  const char* call = "cudnnRNNBackwardWeights_v8";
  return guarded(call, [&] {
    requireHandle(call, handle);
    constexpr int ADD = 0;
    if (gradientMode != ADD) refuse(CUDNN_STATUS_BAD_PARAM, "gradients of weights can only be added");
    Setting s = setting(descriptor, xDescriptor, yDescriptor, weightBytes, workSize);
    if (hx != nullptr) requireState("h's descriptor", s, hDescriptor);
    requireReserve(s, reserveSize);
    std::vector<Operand> operands = {{"x", x, s.inputBytes, false, false},
                                     {"hx", hx, s.stateBytes, false, true},
                                     {"y", y, s.outputBytes, false, false},
                                     {"dw", dw, s.weightBytes, true, false},
                                     {"the workspace", work, s.workBytes, true, false},
                                     {"the reserve", reserve, s.reserveBytes, true, false}};
    lookAt(operands, false);
    submit(call, handle, [=] {
      lookAt(operands, true);
      Header h = open(reserve, s, true);
      requireSame("x", h.x, hash(x, s.inputBytes));
      requireSame("hx", h.hx, hash(hx, s.stateBytes));
      requireOutputs(s, floats(y), body(reserve));
      weightsPass(s.layers, s.sequences, {floats(x), floats(hx), floats(dw), body(reserve)});
      spoil(work, s.workBytes);
    });
  });
}
