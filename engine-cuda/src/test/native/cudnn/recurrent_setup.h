// What the setting up of recurrent layers gives to their passes.
#pragma once

#include "recurrent.h"

enum { MODE_INFERENCE = 0, MODE_TRAINING = 1 };

namespace standin {

/** In front of a reserve: what it was made from, and how far its passes have come. */
constexpr std::size_t RESERVE_HEADER = 64;

/** Descriptors that are alive and were set. */
const cudnnRNNStruct& recurrent(cudnnRNNDescriptor_t descriptor);
const cudnnRNNDataStruct& sequence(const char* name, cudnnRNNDataDescriptor_t descriptor);

std::size_t reserveBytes(const Layers& layers, const Sequences& sequences);
std::size_t workBytes(const Layers& layers, const Sequences& sequences);

}  // namespace standin
