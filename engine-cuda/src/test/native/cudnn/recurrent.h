// cuDNN's recurrent layers: descriptors, where things lie, and the arithmetic.
#pragma once

#include "descriptors.h"

enum CellMode { CELL_RELU = 0, CELL_TANH = 1, CELL_LSTM = 2, CELL_GRU = 3 };

struct cudnnRNNStruct {
  bool set = false;
  int cell = CELL_TANH;
  bool bidirectional = false;
  int math = CUDNN_DEFAULT_MATH;
  int inputSize = 0, hiddenSize = 0, layers = 0;
  bool paddedIo = false;
};

struct cudnnRNNDataStruct {
  bool set = false;
  bool batchMajor = false;
  int time = 0, batch = 0, features = 0;
  std::vector<int> lengths;
  bool fills = false;  // whether padded places of an output get a value
  float padding = 0;
};

using cudnnRNNDescriptor_t = cudnnRNNStruct*;
using cudnnRNNDataDescriptor_t = cudnnRNNDataStruct*;

namespace standin {

Registry<cudnnRNNStruct>& recurrents();
Registry<cudnnRNNDataStruct>& sequences();

/** Layers whose sizes are known. Elements are floats. */
struct Layers {
  explicit Layers(const cudnnRNNStruct& rnn);

  int cell;
  int directions, layers, hidden, inputs;
  int gates;
  int fractionBits;

  int width() const { return hidden * directions; }
  int inputsOf(int layer) const { return layer == 0 ? inputs : width(); }

  /** First element of a gate's matrix or bias; `linear` counts input gates, then hidden ones. */
  std::size_t matrix(int pseudoLayer, int linear) const;
  std::size_t bias(int pseudoLayer, int linear) const;

  /** Elements of all weights, gaps included. */
  std::size_t weightElements() const;

 private:
  std::size_t matrixBlock(int pseudoLayer) const;
};

/** Sequences as one call sees them. */
struct Sequences {
  int time, batch;
  std::vector<int> lengths;
  bool batchMajor;

  /** Which row of x or y holds a step of a sequence. */
  std::size_t row(int step, int sequence) const {
    return batchMajor ? std::size_t{1} * sequence * time + step : std::size_t{1} * step * batch + sequence;
  }
};

/**
 * What the forward pass leaves in the reserve for the backward passes. Everything of layer l and
 * direction d lies at place l * directions + d; times count as in x, also for the reverse direction.
 */
struct Reserve {
  Reserve(const Layers& layers, const Sequences& sequences);

  std::size_t gates(int place, int step, int sequence) const;        // [gates * hidden], activated
  std::size_t candidate(int place, int step, int sequence) const;    // GRU: what r multiplies
  std::size_t cells(int place, int step, int sequence) const;        // LSTM: c
  std::size_t outputs(int layer, int step, int sequence) const;      // [width], h of both directions
  std::size_t inputGradients(int place, int step, int sequence) const;   // [gates * hidden], by backward data
  std::size_t hiddenGradients(int place, int step, int sequence) const;  // the same for the hidden side
  std::size_t elements() const { return total; }

 private:
  std::size_t at(std::size_t part, int place, int step, int sequence, std::size_t count) const;
  const Layers layers;
  int time, batch;
  std::size_t places, gatesAt, candidateAt, cellsAt, outputsAt, inputGradientsAt, hiddenGradientsAt, total;
};

/** Operands of the three passes; optional ones are null. */
struct Pass {
  const float *x, *hx, *cx, *weights;
  float *y, *hy, *cy;
  float* reserve;  // of the passes' own part, see Reserve
  bool fills;
  float padding;
};
struct DataPass {
  const float *dy, *hx, *cx, *dhy, *dcy, *weights;
  float *dx, *dhx, *dcx;
  float* reserve;
};
struct WeightsPass {
  const float *x, *hx;
  float* dw;
  const float* reserve;
};

void forwardPass(const Layers& layers, const Sequences& sequences, const Pass& pass);
void dataPass(const Layers& layers, const Sequences& sequences, const DataPass& pass);
void weightsPass(const Layers& layers, const Sequences& sequences, const WeightsPass& pass);

}  // namespace standin
