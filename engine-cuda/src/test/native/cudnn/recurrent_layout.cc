// Where weights and what a pass keeps lie. NVIDIA's layout of weights is opaque; ours has its gates
// in an order that nobody expects and gaps between them, which stay untouched.
#include "../cublas/product.h"
#include "recurrent.h"

namespace standin {
namespace {

constexpr std::size_t GAP = 5;  // an odd number of floats between any two regions

int gatesOf(int cell) { return cell == CELL_LSTM ? 4 : cell == CELL_GRU ? 3 : 1; }

}  // namespace

Layers::Layers(const cudnnRNNStruct& rnn)
    : cell(rnn.cell),
      directions(rnn.bidirectional ? 2 : 1),
      layers(rnn.layers),
      hidden(rnn.hiddenSize),
      inputs(rnn.inputSize),
      gates(gatesOf(rnn.cell)),
      fractionBits(rnn.math == CUDNN_FMA_MATH ? FP32_BITS : TF32_BITS) {}

std::size_t Layers::matrixBlock(int pseudoLayer) const {
  std::size_t start = GAP;
  for (int place = 0; place < pseudoLayer; place++) {
    std::size_t each = std::size_t{1} * hidden * (inputsOf(place / directions) + hidden);
    start += gates * (each + 2 * GAP);
  }
  return start;
}

std::size_t Layers::matrix(int pseudoLayer, int linear) const {
  std::size_t input = std::size_t{1} * hidden * inputsOf(pseudoLayer / directions) + GAP;
  std::size_t recurrent = std::size_t{1} * hidden * hidden + GAP;
  int slot = gates - 1 - linear % gates;  // the last gate first, its hidden matrix before the input's
  std::size_t start = matrixBlock(pseudoLayer) + slot * (input + recurrent);
  return linear < gates ? start + recurrent : start;
}

std::size_t Layers::bias(int pseudoLayer, int linear) const {
  std::size_t place = std::size_t{1} * pseudoLayer * 2 * gates + (2 * gates - 1 - linear);
  return matrixBlock(layers * directions) + place * (hidden + GAP);
}

std::size_t Layers::weightElements() const {
  return matrixBlock(layers * directions) + std::size_t{2} * gates * layers * directions * (hidden + GAP);
}

Reserve::Reserve(const Layers& all, const Sequences& sequences)
    : layers(all), time(sequences.time), batch(sequences.batch), places(std::size_t{1} * all.layers * all.directions) {
  std::size_t steps = places * time * batch, wide = steps * all.hidden;
  gatesAt = 0;
  candidateAt = gatesAt + wide * all.gates;
  cellsAt = candidateAt + (all.cell == CELL_GRU ? wide : 0);
  outputsAt = cellsAt + (all.cell == CELL_LSTM ? wide : 0);
  inputGradientsAt = outputsAt + wide;
  hiddenGradientsAt = inputGradientsAt + wide * all.gates;
  total = hiddenGradientsAt + wide * all.gates;
}

std::size_t Reserve::at(std::size_t part, int place, int step, int sequence, std::size_t count) const {
  return part + ((std::size_t{1} * place * time + step) * batch + sequence) * count;
}

std::size_t Reserve::gates(int place, int step, int sequence) const {
  return at(gatesAt, place, step, sequence, std::size_t{1} * layers.gates * layers.hidden);
}
std::size_t Reserve::candidate(int place, int step, int sequence) const {
  return at(candidateAt, place, step, sequence, layers.hidden);
}
std::size_t Reserve::cells(int place, int step, int sequence) const {
  return at(cellsAt, place, step, sequence, layers.hidden);
}
std::size_t Reserve::outputs(int layer, int step, int sequence) const {
  return at(outputsAt, layer, step, sequence, layers.width());
}
std::size_t Reserve::inputGradients(int place, int step, int sequence) const {
  return at(inputGradientsAt, place, step, sequence, std::size_t{1} * layers.gates * layers.hidden);
}
std::size_t Reserve::hiddenGradients(int place, int step, int sequence) const {
  return at(hiddenGradientsAt, place, step, sequence, std::size_t{1} * layers.gates * layers.hidden);
}

}  // namespace standin
