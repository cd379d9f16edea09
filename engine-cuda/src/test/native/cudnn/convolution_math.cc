// Convolution as products of matrices: the elements of x that a place of y reads are laid out as one
// row ("im2col"), an image and a group at a time.
#include <algorithm>

#include "../cublas/product.h"
#include "convolution.h"

namespace standin {
namespace {

/** out[r][:] += sum over p of left[r][p] right[p][:]. */
__attribute__((target_clones("avx512f", "avx2", "default"))) void product(
    const double* left, const double* right, double* __restrict__ out, std::size_t rows, std::size_t inner,
    std::size_t columns) {
  for (std::size_t r = 0; r < rows; r++) {
    double* to = out + r * columns;
    for (std::size_t p = 0; p < inner; p++) {
      double factor = left[r * inner + p];
      const double* from = right + p * columns;
      for (std::size_t j = 0; j < columns; j++) to[j] += factor * from[j];
    }
  }
}

std::vector<double> transposed(const std::vector<double>& x, std::size_t rows, std::size_t columns) {
  std::vector<double> turned(x.size());
  for (std::size_t r = 0; r < rows; r++) {
    for (std::size_t c = 0; c < columns; c++) turned[c * rows + r] = x[r * columns + c];
  }
  return turned;
}

/** Sizes of one group of one image. */
struct Group {
  explicit Group(const Convolution& c)
      : inChannels(c.inChannels / c.groups),
        outChannels(c.outChannels / c.groups),
        taps(std::size_t{1} * inChannels * c.kernelHeight * c.kernelWidth),
        places(std::size_t{1} * c.outHeight * c.outWidth) {}
  int inChannels, outChannels;
  std::size_t taps;    // elements that a place reads
  std::size_t places;  // of one channel of y
};

/** Calls f(tap, place, index into x's group) for every tap that does not lie in the padding. */
template <typename F>
void forTaps(const Convolution& c, const Group& group, F f) {
  std::size_t tap = 0;
  for (int channel = 0; channel < group.inChannels; channel++) {
    for (int r = 0; r < c.kernelHeight; r++) {
      for (int s = 0; s < c.kernelWidth; s++, tap++) {
        for (int p = 0; p < c.outHeight; p++) {
          int row = p * c.strideHeight - c.paddingHeight + r * c.dilationHeight;
          if (row < 0 || row >= c.height) continue;
          for (int q = 0; q < c.outWidth; q++) {
            int column = q * c.strideWidth - c.paddingWidth + s * c.dilationWidth;
            if (column < 0 || column >= c.width) continue;
            f(tap, static_cast<std::size_t>(p) * c.outWidth + q,
              (static_cast<std::size_t>(channel) * c.height + row) * c.width + column);
          }
        }
      }
    }
  }
}

double operand(const Convolution& c, float value) {
  return c.fractionBits == FP32_BITS ? value : roundFraction(value, c.fractionBits);
}

std::vector<double> operands(const Convolution& c, const float* from, std::size_t count) {
  std::vector<double> all(count);
  for (std::size_t i = 0; i < count; i++) all[i] = operand(c, from[i]);
  return all;
}

/** [taps][places] of one group of one image. */
std::vector<double> columns(const Convolution& c, const Group& group, const float* x) {
  std::vector<double> all(group.taps * group.places);
  forTaps(c, group, [&](std::size_t tap, std::size_t place, std::size_t index) {
    all[tap * group.places + place] = operand(c, x[index]);
  });
  return all;
}

/** A group's filters [outChannels][taps], with the axes turned around for a convolution proper. */
std::vector<double> filters(const Convolution& c, const Group& group, const float* w) {
  std::vector<double> all = operands(c, w, group.outChannels * group.taps);
  std::size_t area = std::size_t{1} * c.kernelHeight * c.kernelWidth;
  for (std::size_t at = 0; c.flipped && at < all.size(); at += area) {
    std::reverse(all.begin() + at, all.begin() + at + area);
  }
  return all;
}

std::size_t image(const Convolution& c, const Group& group, int n, int g) {
  return (std::size_t{1} * n * c.inChannels + std::size_t{1} * g * group.inChannels) * c.height * c.width;
}

std::size_t place(const Convolution& c, const Group& group, int n, int g) {
  return (std::size_t{1} * n * c.outChannels + std::size_t{1} * g * group.outChannels) * group.places;
}

}  // namespace

void convolve(const Convolution& c, const float* x, const float* w, std::vector<double>& y) {
  Group group(c);
  for (int g = 0; g < c.groups; g++) {
    std::vector<double> weights = filters(c, group, w + g * group.outChannels * group.taps);
    for (int n = 0; n < c.batch; n++) {
      std::vector<double> read = columns(c, group, x + image(c, group, n, g));
      product(weights.data(), read.data(), y.data() + place(c, group, n, g), group.outChannels, group.taps,
              group.places);
    }
  }
}

void convolveBackData(const Convolution& c, const float* w, const float* dy, std::vector<double>& dx) {
  Group group(c);
  for (int g = 0; g < c.groups; g++) {
    std::vector<double> weights = transposed(filters(c, group, w + g * group.outChannels * group.taps),
                                             group.outChannels, group.taps);
    for (int n = 0; n < c.batch; n++) {
      std::vector<double> gradient = operands(c, dy + place(c, group, n, g), group.outChannels * group.places);
      std::vector<double> read(group.taps * group.places);
      product(weights.data(), gradient.data(), read.data(), group.taps, group.outChannels, group.places);
      double* to = dx.data() + image(c, group, n, g);
      forTaps(c, group, [&](std::size_t tap, std::size_t place, std::size_t index) {
        to[index] += read[tap * group.places + place];
      });
    }
  }
}

void convolveBackFilter(const Convolution& c, const float* x, const float* dy, std::vector<double>& dw) {
  Group group(c);
  std::size_t area = std::size_t{1} * c.kernelHeight * c.kernelWidth;
  for (int g = 0; g < c.groups; g++) {
    double* to = dw.data() + g * group.outChannels * group.taps;
    for (int n = 0; n < c.batch; n++) {
      std::vector<double> gradient = operands(c, dy + place(c, group, n, g), group.outChannels * group.places);
      std::vector<double> read = transposed(columns(c, group, x + image(c, group, n, g)), group.taps, group.places);
      product(gradient.data(), read.data(), to, group.outChannels, group.places, group.taps);
    }
    for (std::size_t at = 0; c.flipped && at < group.outChannels * group.taps; at += area) {
      std::reverse(to + at, to + at + area);
    }
  }
}

}  // namespace standin
