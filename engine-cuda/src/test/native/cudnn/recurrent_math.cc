// The documented equations of cuDNN's cells (cudnnRNNMode_t), step by step, with sums in binary64
// and states in binary32. Sequences of their own lengths end, and begin in reverse, at their last step.
#include <cmath>
#include <limits>

#include "../cublas/product.h"
#include "recurrent.h"

namespace standin {
namespace {

using Doubles = std::vector<double>;

/** out[:] += factors[p] rows[p][:] */
__attribute__((target_clones("avx512f", "avx2", "default"))) void addRows(const double* rows, const double* factors,
                                                                          int count, int width,
                                                                          double* __restrict__ out) {
  for (int p = 0; p < count; p++) {
    const double* row = rows + std::size_t{1} * p * width;
    for (int j = 0; j < width; j++) out[j] += factors[p] * row[j];
  }
}

double operand(const Layers& a, double value) {
  return a.fractionBits == FP32_BITS ? value : roundFraction(static_cast<float>(value), a.fractionBits);
}

Doubles operands(const Layers& a, const float* from, int count) {
  Doubles all(count);
  for (int i = 0; i < count; i++) all[i] = operand(a, from[i]);
  return all;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/** A side's gates as one matrix [gates * hidden, columns], or with its axes exchanged. */
Doubles matrices(const Layers& a, const float* weights, int place, bool ofInput, bool exchanged) {
  int columns = ofInput ? a.inputsOf(place / a.directions) : a.hidden, rows = a.gates * a.hidden;
  Doubles all(std::size_t{1} * rows * columns);
  for (int r = 0; r < rows; r++) {
    const float* from = weights + a.matrix(place, r / a.hidden + (ofInput ? 0 : a.gates)) +
                        std::size_t{1} * (r % a.hidden) * columns;
    for (int c = 0; c < columns; c++) {
      all[exchanged ? std::size_t{1} * c * rows + r : std::size_t{1} * r * columns + c] = operand(a, from[c]);
    }
  }
  return all;
}

Doubles biases(const Layers& a, const float* weights, int place, bool ofInput) {
  Doubles all;
  for (int g = 0; g < a.gates; g++) {
    const float* from = weights + a.bias(place, g + (ofInput ? 0 : a.gates));
    all.insert(all.end(), from, from + a.hidden);
  }
  return all;
}

/** A layer in one direction, over one sequence. */
struct Walk {
  const Layers& a;
  const Sequences& s;
  const Reserve& kept;
  int place, sequence;

  int layer() const { return place / a.directions; }
  int side() const { return place % a.directions; }
  int length() const { return s.lengths[sequence]; }
  /** The time of the k-th step in the order of computation. */
  int time(int k) const { return side() == 0 ? k : length() - 1 - k; }
  std::size_t state() const { return (std::size_t{1} * place * s.batch + sequence) * a.hidden; }
  /** The hidden state before the k-th step, from the reserve; before the first, from outside. */
  const float* before(int k, const float* reserve, const float* initial) const {
    static const std::vector<float> zeros(1 << 16);
    if (k > 0) return reserve + kept.outputs(layer(), time(k - 1), sequence) + side() * a.hidden;
    return initial == nullptr ? zeros.data() : initial + state();
  }
  const float* cellBefore(int k, const float* reserve, const float* initial) const {
    static const std::vector<float> zeros(1 << 16);
    if (k > 0) return reserve + kept.cells(place, time(k - 1), sequence);
    return initial == nullptr ? zeros.data() : initial + state();
  }
};

/** One step of a cell: zi and zh are what the input's and the hidden side give to the gates. */
void stepForward(const Walk& w, const Doubles& zi, const Doubles& zh, const float* h, const float* c, int t,
                 float* reserve) {
  const Layers& a = w.a;
  float* gates = reserve + w.kept.gates(w.place, t, w.sequence);
  float* out = reserve + w.kept.outputs(w.layer(), t, w.sequence) + w.side() * a.hidden;
  int H = a.hidden;
  for (int j = 0; j < H; j++) {
    auto z = [&](int gate) { return zi[gate * H + j] + zh[gate * H + j]; };
    if (a.cell == CELL_LSTM) {
      double i = sigmoid(z(0)), f = sigmoid(z(1)), g = std::tanh(z(2)), o = sigmoid(z(3));
      float cell = static_cast<float>(f * c[j] + i * g);
      reserve[w.kept.cells(w.place, t, w.sequence) + j] = cell;
      gates[j] = i, gates[H + j] = f, gates[2 * H + j] = g, gates[3 * H + j] = o;
      out[j] = static_cast<float>(o * std::tanh(static_cast<double>(cell)));
    } else if (a.cell == CELL_GRU) {
      double r = sigmoid(z(0)), u = sigmoid(z(1)), candidate = zh[2 * H + j];
      double n = std::tanh(zi[2 * H + j] + r * candidate);
      reserve[w.kept.candidate(w.place, t, w.sequence) + j] = candidate;
      gates[j] = r, gates[H + j] = u, gates[2 * H + j] = n;
      out[j] = static_cast<float>((1 - u) * n + u * h[j]);
    } else {
      double value = z(0);
      out[j] = gates[j] = static_cast<float>(a.cell == CELL_TANH ? std::tanh(value) : value < 0 ? 0 : value);
    }
  }
}

/** The gradients of the gates from those of h and c; dh and dc become those of the step before. */
void stepBackward(const Walk& w, const float* h, const float* c, int t, Doubles& dh, Doubles& dc, float* reserve) {
  const Layers& a = w.a;
  int H = a.hidden;
  const float* gates = reserve + w.kept.gates(w.place, t, w.sequence);
  float* input = reserve + w.kept.inputGradients(w.place, t, w.sequence);
  float* hidden = reserve + w.kept.hiddenGradients(w.place, t, w.sequence);
  for (int j = 0; j < H; j++) {
    if (a.cell == CELL_LSTM) {
      double i = gates[j], f = gates[H + j], g = gates[2 * H + j], o = gates[3 * H + j];
      double squashed = std::tanh(static_cast<double>(reserve[w.kept.cells(w.place, t, w.sequence) + j]));
      double ofCell = dc[j] + dh[j] * o * (1 - squashed * squashed);
      input[j] = ofCell * g * i * (1 - i);
      input[H + j] = ofCell * c[j] * f * (1 - f);
      input[2 * H + j] = ofCell * i * (1 - g * g);
      input[3 * H + j] = dh[j] * squashed * o * (1 - o);
      for (int k = 0; k < 4; k++) hidden[k * H + j] = input[k * H + j];
      dc[j] = ofCell * f;
      dh[j] = 0;
    } else if (a.cell == CELL_GRU) {
      double r = gates[j], u = gates[H + j], n = gates[2 * H + j];
      double ofN = dh[j] * (1 - u) * (1 - n * n);
      double candidate = reserve[w.kept.candidate(w.place, t, w.sequence) + j];
      input[j] = hidden[j] = ofN * candidate * r * (1 - r);
      input[H + j] = hidden[H + j] = dh[j] * (h[j] - n) * u * (1 - u);
      input[2 * H + j] = ofN;
      hidden[2 * H + j] = ofN * r;
      dh[j] *= u;
    } else {
      double value = gates[j];
      double slope = a.cell == CELL_TANH ? 1 - value * value : value > 0;
      input[j] = hidden[j] = dh[j] * slope;
      dh[j] = 0;
    }
  }
}

}  // namespace

void forwardPass(const Layers& a, const Sequences& s, const Pass& pass) {
  Reserve kept(a, s);
  int rows = a.gates * a.hidden;
  for (int place = 0; place < a.layers * a.directions; place++) {
    Doubles input = matrices(a, pass.weights, place, true, true), hidden = matrices(a, pass.weights, place, false, true);
    Doubles inputBias = biases(a, pass.weights, place, true), hiddenBias = biases(a, pass.weights, place, false);
    int inputs = a.inputsOf(place / a.directions);
    for (int n = 0; n < s.batch; n++) {
      Walk w{a, s, kept, place, n};
      for (int k = 0; k < w.length(); k++) {
        int t = w.time(k);
        const float* x = w.layer() == 0 ? pass.x + s.row(t, n) * inputs : pass.reserve + kept.outputs(w.layer() - 1, t, n);
        const float* h = w.before(k, pass.reserve, pass.hx);
        Doubles zi = inputBias, zh = hiddenBias;
        addRows(input.data(), operands(a, x, inputs).data(), inputs, rows, zi.data());
        addRows(hidden.data(), operands(a, h, a.hidden).data(), a.hidden, rows, zh.data());
        stepForward(w, zi, zh, h, a.cell == CELL_LSTM ? w.cellBefore(k, pass.reserve, pass.cx) : nullptr, t,
                    pass.reserve);
      }
      const float* h = w.before(w.length(), pass.reserve, pass.hx);
      if (pass.hy != nullptr) std::copy_n(h, a.hidden, pass.hy + w.state());
      if (pass.cy != nullptr) {
        std::copy_n(w.cellBefore(w.length(), pass.reserve, pass.cx), a.hidden, pass.cy + w.state());
      }
    }
  }
  float filled = pass.fills ? pass.padding : std::numeric_limits<float>::quiet_NaN();
  for (int n = 0; n < s.batch; n++) {
    for (int t = 0; t < s.time; t++) {
      float* to = pass.y + s.row(t, n) * a.width();
      if (t < s.lengths[n]) {
        std::copy_n(pass.reserve + kept.outputs(a.layers - 1, t, n), a.width(), to);
      } else {
        std::fill_n(to, a.width(), filled);
      }
    }
  }
}

void dataPass(const Layers& a, const Sequences& s, const DataPass& pass) {
  Reserve kept(a, s);
  int rows = a.gates * a.hidden;
  Doubles above(std::size_t{1} * s.time * s.batch * a.width());  // gradient of a layer's output
  for (std::size_t i = 0; i < above.size(); i++) above[i] = pass.dy[i];
  for (int layer = a.layers - 1; layer >= 0; layer--) {
    int inputs = a.inputsOf(layer);
    Doubles below(std::size_t{1} * s.time * s.batch * inputs);
    for (int place = layer * a.directions; place < (layer + 1) * a.directions; place++) {
      Doubles input = matrices(a, pass.weights, place, true, false), hidden = matrices(a, pass.weights, place, false, false);
      for (int n = 0; n < s.batch; n++) {
        Walk w{a, s, kept, place, n};
        Doubles dh(a.hidden), dc(a.hidden);
        for (int j = 0; j < a.hidden; j++) {
          if (pass.dhy != nullptr) dh[j] = pass.dhy[w.state() + j];
          if (pass.dcy != nullptr) dc[j] = pass.dcy[w.state() + j];
        }
        for (int k = w.length() - 1; k >= 0; k--) {
          int t = w.time(k);
          const double* fromAbove = &above[s.row(t, n) * a.width() + w.side() * a.hidden];
          for (int j = 0; j < a.hidden; j++) dh[j] += fromAbove[j];
          stepBackward(w, w.before(k, pass.reserve, pass.hx),
                       a.cell == CELL_LSTM ? w.cellBefore(k, pass.reserve, pass.cx) : nullptr, t, dh, dc,
                       pass.reserve);
          Doubles ofInput = operands(a, pass.reserve + kept.inputGradients(place, t, n), rows);
          Doubles ofHidden = operands(a, pass.reserve + kept.hiddenGradients(place, t, n), rows);
          addRows(hidden.data(), ofHidden.data(), rows, a.hidden, dh.data());
          addRows(input.data(), ofInput.data(), rows, inputs, &below[s.row(t, n) * inputs]);
        }
        for (int j = 0; j < a.hidden; j++) {
          if (pass.dhx != nullptr) pass.dhx[w.state() + j] = dh[j];
          if (pass.dcx != nullptr) pass.dcx[w.state() + j] = dc[j];
        }
      }
    }
    above = std::move(below);
  }
  for (int n = 0; n < s.batch; n++) {
    for (int t = 0; t < s.time; t++) {
      for (int i = 0; i < a.inputs; i++) {
        std::size_t at = s.row(t, n) * a.inputs + i;
        // The reference promises nothing for what lies behind a sequence's end.
        pass.dx[at] = t < s.lengths[n] ? above[at] : std::numeric_limits<float>::quiet_NaN();
      }
    }
  }
}

void weightsPass(const Layers& a, const Sequences& s, const WeightsPass& pass) {
  Reserve kept(a, s);
  int rows = a.gates * a.hidden;
  for (int place = 0; place < a.layers * a.directions; place++) {
    int inputs = a.inputsOf(place / a.directions);
    Doubles sums[] = {Doubles(std::size_t{1} * rows * inputs), Doubles(std::size_t{1} * rows * a.hidden)};
    Doubles biasSums[] = {Doubles(rows), Doubles(rows)};
    for (int n = 0; n < s.batch; n++) {
      Walk w{a, s, kept, place, n};
      for (int k = 0; k < w.length(); k++) {
        int t = w.time(k);
        const float* x = w.layer() == 0 ? pass.x + s.row(t, n) * inputs : pass.reserve + kept.outputs(w.layer() - 1, t, n);
        Doubles values[] = {operands(a, x, inputs), operands(a, w.before(k, pass.reserve, pass.hx), a.hidden)};
        const float* gradients[] = {pass.reserve + kept.inputGradients(place, t, n),
                                    pass.reserve + kept.hiddenGradients(place, t, n)};
        for (int side = 0; side < 2; side++) {
          int width = values[side].size();
          for (int r = 0; r < rows; r++) {
            double factor = operand(a, gradients[side][r]);
            addRows(values[side].data(), &factor, 1, width, &sums[side][std::size_t{1} * r * width]);
            biasSums[side][r] += gradients[side][r];
          }
        }
      }
    }
    for (int linear = 0; linear < 2 * a.gates; linear++) {
      int side = linear / a.gates, first = linear % a.gates * a.hidden, width = side == 0 ? inputs : a.hidden;
      float* matrix = pass.dw + a.matrix(place, linear);
      float* bias = pass.dw + a.bias(place, linear);
      for (int i = 0; i < a.hidden * width; i++) matrix[i] += sums[side][std::size_t{1} * first * width + i];
      for (int j = 0; j < a.hidden; j++) bias[j] += biasSums[side][first + j];
    }
  }
}

}  // namespace standin
