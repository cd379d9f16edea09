// Sizes of a convolution, and its arithmetic.
#pragma once

#include "descriptors.h"

namespace standin {

/** All sizes of x [N,C,H,W], w [K,C/groups,R,S] and y [N,K,P,Q]. */
struct Convolution {
  int batch, inChannels, height, width;
  int outChannels, kernelHeight, kernelWidth;
  int outHeight, outWidth;
  int paddingHeight, paddingWidth, strideHeight, strideWidth, dilationHeight, dilationWidth;
  int groups;
  bool flipped;      // a convolution in the narrow sense
  int fractionBits;  // of operands, see product.h

  std::size_t inElements() const { return std::size_t{1} * batch * inChannels * height * width; }
  std::size_t outElements() const { return std::size_t{1} * batch * outChannels * outHeight * outWidth; }
  std::size_t filterElements() const {
    return std::size_t{1} * outChannels * (inChannels / groups) * kernelHeight * kernelWidth;
  }
};

/** Refuses descriptors that do not fit together. */
Convolution convolution(cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w, cudnnConvolutionDescriptor_t descriptor,
                        cudnnTensorDescriptor_t y);

/** Extent of y along one axis, as cudnnGetConvolutionNdForwardOutputDim's formula gives it. */
int outputExtent(int input, int kernel, int padding, int stride, int dilation);

// Sums in binary64, into arrays that begin at 0.
void convolve(const Convolution& c, const float* x, const float* w, std::vector<double>& y);
void convolveBackData(const Convolution& c, const float* w, const float* dy, std::vector<double>& dx);
void convolveBackFilter(const Convolution& c, const float* x, const float* dy, std::vector<double>& dw);

enum Direction { FORWARD, BACKWARD_DATA, BACKWARD_FILTER };

/** Refuses an algorithm that is unknown, or not one of the exact ones; gives its scratch memory. */
std::size_t workspaceBytes(const Convolution& c, Direction direction, int algorithm);

}  // namespace standin
