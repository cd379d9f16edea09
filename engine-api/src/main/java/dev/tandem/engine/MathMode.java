package dev.tandem.engine;

/** The arithmetic of matrix products; everything else is computed in FLOAT32. */
public enum MathMode {
  /** IEEE binary32 throughout. */
  FP32,
  /** Products in TensorFloat-32 (10 bits of mantissa), sums in binary32; NVIDIA GPUs alone. */
  TF32,
  /** Products in bfloat16, sums and master weights in binary32; NVIDIA GPUs alone. */
  BF16
}
