#include "common.cuh"

// One step of a recurrent layer after its matrix products, and what comes before and after all
// steps. Used where cuDNN cannot be: for sequences with lengths of their own, and for dropout
// between layers.
//
// T steps, N sequences, H units, D directions, G gates of the weights, S slots of a step:
//
//   RNN   G = 1  S = 1: a
//   LSTM  G = 4  S = 4: i f g o
//   GRU   G = 3  S = 4: n r z q, with q = W_hn h' + b_hn, so that what is multiplied by x (n r z)
//                and what is multiplied by h (r z q) each are neighbours
//
// gates [D,T,N,S*H]: the products with x, then the activations, then their gradients.
// hidden [D,N,G*H]: the products with h of one step.
// bias: the sums of the biases by slot [S*H], biasStride elements from one direction to the next.
// states [D,T+1,N,H]: those before and after step t of the first direction are at t and t + 1, of
// the reverse direction at t + 1 and t, so that those before all steps are neighbours in order of
// time.
//
// The reverse direction makes step T - 1 - s while the first makes step s. Both keep their state
// where a sequence makes no step: behind its end, and everywhere if what is given is no length.

// Returns the length of sequence n, 0 for what is none.
__device__ __forceinline__ int stepsOf(const int* lengths, int time, int n) {
  int length = lengths ? lengths[n] : time;
  return length < 1 || length > time ? 0 : length;
}

// The place of one thread in a step: unit j of sequence n in direction d.
struct Unit {
  int d;
  int n;
  int j;
  int t;
  bool active;
  Index before;  // the places of its state
  Index after;
  Index gates;   // of the first slot
  Index hidden;  // of the first gate
  Index y;       // in [T,N,H*D]
  Index state;   // in [D,N,H]

  __device__ __forceinline__ Unit(
      Index at, const int* lengths, int time, int batch, int size, int directions, int slots,
      int products, int step) {
    state = at;
    unsigned row = (unsigned)at / size;  // D N H is below 2^31, and 64 bits take longer
    j = (int)((unsigned)at % size);
    n = (int)(row % batch);
    d = (int)(row / batch);
    t = d == 0 ? step : time - 1 - step;
    active = t < stepsOf(lengths, time, n);
    Index first = (Index)d * (time + 1);
    before = ((first + (d == 0 ? t : t + 1)) * batch + n) * size + j;
    after = ((first + (d == 0 ? t + 1 : t)) * batch + n) * size + j;
    gates = (((Index)d * time + t) * batch + n) * slots * size + j;
    hidden = ((Index)d * batch + n) * products * size + j;
    y = (((Index)t * batch + n) * directions + d) * size + j;
  }
};

#define SIZES int time, int batch, int size, int directions, int step, const int* lengths
#define FOR_EACH_UNIT(SLOTS, PRODUCTS)                                                    \
  FOR_EACH_ITEM(at, (Index)directions * batch * size)                                     \
    if (Unit u(at, lengths, time, batch, size, directions, SLOTS, PRODUCTS, step); true)

// ---- Forward ----

// Keeps the state of a sequence that makes no step.
__device__ __forceinline__ void keep(const Unit& u, float* states) {
  states[u.after] = states[u.before];
}

// h = f(W_ih x + W_hh h' + b_ih + b_hh)
template <int kind>
__device__ __forceinline__ void rnnForward(
    SIZES, const float* gates, const float* hidden, Index biasStride,
    const float* bias, float* h, float* y) {
  FOR_EACH_UNIT(1, 1) {
    float result = 0.0f;
    if (u.active) {
      result = activate(kind, gates[u.gates] + hidden[u.hidden] + bias[u.d * biasStride + u.j]);
      h[u.after] = result;
    } else {
      keep(u, h);
    }
    y[u.y] = result;
  }
}

extern "C" __global__ void rnn_tanh_forward(
    SIZES, float* gates, const float* hidden, Index biasStride, const float* bias, float* h,
    float* c, float* y) {
  rnnForward<TANH>(
      time, batch, size, directions, step, lengths, gates, hidden, biasStride, bias, h, y);
}

extern "C" __global__ void rnn_relu_forward(
    SIZES, float* gates, const float* hidden, Index biasStride, const float* bias, float* h,
    float* c, float* y) {
  rnnForward<RELU>(
      time, batch, size, directions, step, lengths, gates, hidden, biasStride, bias, h, y);
}

// c = f c' + i g, h = o tanh(c)
extern "C" __global__ void lstm_forward(
    SIZES, float* gates, const float* hidden, Index biasStride, const float* bias, float* h,
    float* c, float* y) {
  FOR_EACH_UNIT(4, 4) {
    float result = 0.0f;
    if (u.active) {
      float sums[4];
      for (int slot = 0; slot < 4; slot++) {
        sums[slot] = gates[u.gates + slot * size] + hidden[u.hidden + slot * size] +
            bias[u.d * biasStride + slot * size + u.j];
      }
      float i = sigmoid(sums[0]);
      float f = sigmoid(sums[1]);
      float g = tanhf(sums[2]);
      float o = sigmoid(sums[3]);
      float cell = f * c[u.before] + i * g;
      result = o * tanhf(cell);
      gates[u.gates] = i;
      gates[u.gates + size] = f;
      gates[u.gates + 2 * size] = g;
      gates[u.gates + 3 * size] = o;
      c[u.after] = cell;
      h[u.after] = result;
    } else {
      keep(u, h);
      keep(u, c);
    }
    y[u.y] = result;
  }
}

// n = tanh(W_in x + b_in + r q), h = (1 - z) n + z h'
extern "C" __global__ void gru_forward(
    SIZES, float* gates, const float* hidden, Index biasStride, const float* bias, float* h,
    float* c, float* y) {
  FOR_EACH_UNIT(4, 3) {
    float result = 0.0f;
    if (u.active) {
      const float* b = bias + u.d * biasStride + u.j;
      const float* q = hidden + u.hidden;  // of r, z, n
      float r = sigmoid(gates[u.gates + size] + q[0] + b[size]);
      float z = sigmoid(gates[u.gates + 2 * size] + q[size] + b[2 * size]);
      float inner = q[2 * size] + b[3 * size];
      float n = tanhf(gates[u.gates] + b[0] + r * inner);
      result = (1.0f - z) * n + z * h[u.before];
      gates[u.gates] = n;
      gates[u.gates + size] = r;
      gates[u.gates + 2 * size] = z;
      gates[u.gates + 3 * size] = inner;
      h[u.after] = result;
    } else {
      keep(u, h);
    }
    y[u.y] = result;
  }
}

// ---- Backward ----
//
// dh and dc [D,N,H] hold the gradients of the states after the step and receive those of the states
// before it, but for W_hh^T times the gradients of the gates, which a product adds. A sequence that
// makes no step hands them on, and its gates have gradients of 0. dy may be null.

#define GRADIENT_OF_OUTPUT(dh, dy) ((dh)[u.state] + ((dy) ? (dy)[u.y] : 0.0f))

template <int kind>
__device__ __forceinline__ void rnnBackward(
    SIZES, float* gates, const float* h, const float* dy, float* dh) {
  FOR_EACH_UNIT(1, 1) {
    float gradient = 0.0f;
    if (u.active) {
      gradient = GRADIENT_OF_OUTPUT(dh, dy) * derivative(kind, h[u.after]);
      dh[u.state] = 0.0f;
    }
    gates[u.gates] = gradient;
  }
}

extern "C" __global__ void rnn_tanh_backward(
    SIZES, float* gates, const float* h, const float* c, const float* dy, float* dh, float* dc) {
  rnnBackward<TANH>(time, batch, size, directions, step, lengths, gates, h, dy, dh);
}

extern "C" __global__ void rnn_relu_backward(
    SIZES, float* gates, const float* h, const float* c, const float* dy, float* dh, float* dc) {
  rnnBackward<RELU>(time, batch, size, directions, step, lengths, gates, h, dy, dh);
}

extern "C" __global__ void lstm_backward(
    SIZES, float* gates, const float* h, const float* c, const float* dy, float* dh, float* dc) {
  FOR_EACH_UNIT(4, 4) {
    float di = 0.0f;
    float df = 0.0f;
    float dg = 0.0f;
    float d_o = 0.0f;
    if (u.active) {
      float i = gates[u.gates];
      float f = gates[u.gates + size];
      float g = gates[u.gates + 2 * size];
      float o = gates[u.gates + 3 * size];
      float outer = GRADIENT_OF_OUTPUT(dh, dy);
      float tanh_c = tanhf(c[u.after]);
      float cell = dc[u.state] + outer * o * derivative(TANH, tanh_c);
      di = cell * g * derivative(SIGMOID, i);
      df = cell * c[u.before] * derivative(SIGMOID, f);
      dg = cell * i * derivative(TANH, g);
      d_o = outer * tanh_c * derivative(SIGMOID, o);
      dc[u.state] = cell * f;
      dh[u.state] = 0.0f;
    }
    gates[u.gates] = di;
    gates[u.gates + size] = df;
    gates[u.gates + 2 * size] = dg;
    gates[u.gates + 3 * size] = d_o;
  }
}

extern "C" __global__ void gru_backward(
    SIZES, float* gates, const float* h, const float* c, const float* dy, float* dh, float* dc) {
  FOR_EACH_UNIT(4, 3) {
    float dn = 0.0f;
    float dr = 0.0f;
    float dz = 0.0f;
    float dq = 0.0f;
    if (u.active) {
      float n = gates[u.gates];
      float r = gates[u.gates + size];
      float z = gates[u.gates + 2 * size];
      float q = gates[u.gates + 3 * size];
      float outer = GRADIENT_OF_OUTPUT(dh, dy);
      dn = outer * (1.0f - z) * derivative(TANH, n);
      dz = outer * (h[u.before] - n) * derivative(SIGMOID, z);
      dr = dn * q * derivative(SIGMOID, r);
      dq = dn * r;
      dh[u.state] = outer * z;
    }
    gates[u.gates] = dn;
    gates[u.gates + size] = dr;
    gates[u.gates + 2 * size] = dz;
    gates[u.gates + 3 * size] = dq;
  }
}

// ---- Before and after all steps ----

// Writes the first of the states, states [D,T+1,N,H] from initial [D,N,H]; 0 where initial is null
// or the sequence has no length, so that it adds 0 to the gradients of the weights.
extern "C" __global__ void begin_states(
    int time, int batch, int size, int directions, const int* lengths, const float* initial,
    float* states) {
  FOR_EACH_ITEM(at, (Index)directions * batch * size) {
    Index inner = at % ((Index)batch * size);
    int d = (int)(at / ((Index)batch * size));
    bool valid = stepsOf(lengths, time, (int)(inner / size)) > 0;
    Index first = (Index)d * (time + 1) + (d == 0 ? 0 : time);
    states[first * batch * size + inner] = initial && valid ? initial[at] : 0.0f;
  }
}

// Reads the last of the states into final [D,N,H]; NaN where the sequence has no length.
extern "C" __global__ void end_states(
    int time, int batch, int size, int directions, const int* lengths, const float* states,
    float* final) {
  FOR_EACH_ITEM(at, (Index)directions * batch * size) {
    Index inner = at % ((Index)batch * size);
    int d = (int)(at / ((Index)batch * size));
    bool valid = stepsOf(lengths, time, (int)(inner / size)) > 0;
    Index last = (Index)d * (time + 1) + (d == 0 ? time : 0);
    final[at] = valid ? states[last * batch * size + inner] : TANDEM_NAN;
  }
}

// to [R,N,H] = from; `absent` where the sequence has no length, 0 where from is null.
extern "C" __global__ void copy_valid(
    int rows, int time, int batch, int size, const int* lengths, float absent, const float* from,
    float* to) {
  FOR_EACH_ITEM(at, (Index)rows * batch * size) {
    bool valid = stepsOf(lengths, time, (int)(at / size % batch)) > 0;
    to[at] = !valid ? absent : from ? from[at] : 0.0f;
  }
}

// Writes NaN into values [T,N,columns] of sequences that have no length.
extern "C" __global__ void spoil(
    int time, int batch, int columns, const int* lengths, float* values) {
  FOR_EACH_ITEM(at, (Index)time * batch * columns) {
    if (stepsOf(lengths, time, (int)(at / columns % batch)) == 0) values[at] = TANDEM_NAN;
  }
}

// to = x [T,N,columns] with 0 behind the ends: a gradient of 0 times NaN would be NaN in the sum
// over all steps.
extern "C" __global__ void pad(
    int time, int batch, int columns, const int* lengths, const float* x, float* to) {
  FOR_EACH_ITEM(at, (Index)time * batch * columns) {
    Index row = at / columns;
    to[at] = row / batch < stepsOf(lengths, time, (int)(row % batch)) ? x[at] : 0.0f;
  }
}

// ---- Weights ----
//
// What one direction of a layer multiplies with lies in the order of slots: W_ih [G*H,columns],
// then W_hh [G*H,H], then the sums of the biases [S*H]. In the block of all weights each gate of
// each parameter lies in a place of its own: ih0 to ih3 those of W_ih, hh0 to hh3 those of W_hh, in
// the order of their slots; bi0 to bi3 and bh0 to bh3 those of the biases by slot, -1 where a slot
// has none.

#define PLACES                                                                              \
  Index ih0, Index ih1, Index ih2, Index ih3, Index hh0, Index hh1, Index hh2, Index hh3,   \
      Index bi0, Index bi1, Index bi2, Index bi3, Index bh0, Index bh1, Index bh2, Index bh3

__device__ __forceinline__ Index oneOf(int which, Index a, Index b, Index c, Index d) {
  return which == 0 ? a : which == 1 ? b : which == 2 ? c : d;
}

extern "C" __global__ void gather_weights(
    int size, int columns, int gates, int slots, PLACES, const float* block, float* packed) {
  Index inputs = (Index)size * columns;
  Index states = (Index)size * size;
  Index matrices = gates * (inputs + states);
  FOR_EACH_ITEM(at, matrices + slots * size) {
    float value;
    if (at < gates * inputs) {
      value = block[oneOf((int)(at / inputs), ih0, ih1, ih2, ih3) + at % inputs];
    } else if (at < matrices) {
      Index rest = at - gates * inputs;
      value = block[oneOf((int)(rest / states), hh0, hh1, hh2, hh3) + rest % states];
    } else {
      int slot = (int)(at - matrices) / size;
      int j = (int)(at - matrices) % size;
      Index input = oneOf(slot, bi0, bi1, bi2, bi3);
      Index hidden = oneOf(slot, bh0, bh1, bh2, bh3);
      value = (input < 0 ? 0.0f : block[input + j]) + (hidden < 0 ? 0.0f : block[hidden + j]);
    }
    packed[at] = value;
  }
}

// Adds gradients in the order of slots to those of the block.
extern "C" __global__ void add_gradients(
    int size, int columns, int gates, int slots, PLACES, const float* packed, float* block) {
  Index inputs = (Index)size * columns;
  Index states = (Index)size * size;
  Index matrices = gates * (inputs + states);
  FOR_EACH_ITEM(at, matrices + slots * size) {
    if (at < gates * inputs) {
      block[oneOf((int)(at / inputs), ih0, ih1, ih2, ih3) + at % inputs] += packed[at];
    } else if (at < matrices) {
      Index rest = at - gates * inputs;
      block[oneOf((int)(rest / states), hh0, hh1, hh2, hh3) + rest % states] += packed[at];
    } else {
      int slot = (int)(at - matrices) / size;
      int j = (int)(at - matrices) % size;
      Index input = oneOf(slot, bi0, bi1, bi2, bi3);
      Index hidden = oneOf(slot, bh0, bh1, bh2, bh3);
      if (input >= 0) block[input + j] += packed[at];
      if (hidden >= 0) block[hidden + j] += packed[at];
    }
  }
}

// sums[b,column] = the sum over the rows of part b of gates [rows,columns], b being blockIdx.y; 32
// columns for each block of 32 x 8 threads.
extern "C" __global__ void sum_rows(
    Index rows, Index rowsOfPart, int columns, const float* gates, float* sums) {
  int column = blockIdx.x * WARP + threadIdx.x;
  Index begin = blockIdx.y * rowsOfPart;
  Index end = smaller(rows, begin + rowsOfPart);
  float sum = 0.0f;
  if (column < columns) {
    for (Index row = begin + threadIdx.y; row < end; row += blockDim.y) {
      sum += gates[row * columns + column];
    }
  }
  sum = reduceY<Sum>(sum);
  if (threadIdx.y == 0 && column < columns) sums[(Index)blockIdx.y * columns + column] = sum;
}
