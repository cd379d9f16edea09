// Rounding of operands and the product itself, which cuDNN's part of the stand-in uses as well.
#pragma once

#include <cstdint>
#include <cstring>

namespace standin {

/** Keeps so many bits of a float's 23-bit fraction, rounding to nearest even. */
inline float roundFraction(float value, int bits) {
  std::uint32_t word;
  std::memcpy(&word, &value, sizeof word);
  if ((word & 0x7f800000) == 0x7f800000) return value;  // infinite or NaN
  int dropped = 23 - bits;
  std::uint32_t half = (1u << (dropped - 1)) - 1 + (word >> dropped & 1);
  word = (word + half) >> dropped << dropped;
  std::memcpy(&value, &word, sizeof value);
  return value;
}

constexpr int TF32_BITS = 10;
constexpr int BF16_BITS = 7;
constexpr int FP32_BITS = 23;

}  // namespace standin
