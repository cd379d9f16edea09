package dev.tandem.engine.cuda.loading;

import java.util.Locale;

/**
 * The device that computes: the first that the driver shows (CUDA_VISIBLE_DEVICES chooses).
 *
 * @param name its name
 * @param bytes its memory
 * @param major the major number of its compute capability
 * @param minor the minor number
 */
public record Gpu(String name, long bytes, int major, int minor) {
  /** Returns the device in words. */
  public String describe() {
    return String.format(
        Locale.ROOT, "%s, %.1f GiB, compute capability %s", name, bytes / 0x1p30, capability());
  }

  /** Returns the compute capability, for example 9.0. */
  public String capability() {
    return major + "." + minor;
  }

  /** Returns the compute capability as NVRTC numbers architectures, for example 90. */
  int architecture() {
    return 10 * major + minor;
  }
}
