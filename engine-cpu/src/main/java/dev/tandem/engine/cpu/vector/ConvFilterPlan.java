package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Conv2dSpec;
import java.util.stream.IntStream;

/** How {@link ConvFilterJob} cuts its work. */
final class ConvFilterPlan {
  /** 256 rows of two 512-bit vectors are 32 KiB, the first-level cache. */
  private static final int MOST_PIXELS = 256;

  /** The most shares of the batch, each with sums of its own. */
  private static final int SHARES = 16;

  /** The most elements of all sums: 8 MiB. */
  private static final int MOST_SUMS = 1 << 21;

  /** Up to so many elements of a filter, or filters of a group, dY is not worth turning. */
  private static final int FEW_ELEMENTS = 32;

  private static final int FEW_FILTERS = 7;

  private final Conv2dSpec spec;
  private final boolean dots;
  private final ConvLowering lowering;
  private final int sumsWidth;
  private final int shares;
  private final int parts;
  private final int[] wideOffsets;
  private final int[] narrowOffsets;

  ConvFilterPlan(Conv2dSpec spec) {
    this.spec = spec;
    int filters = spec.outChannels() / spec.groups();
    int elements = spec.inChannels() / spec.groups() * spec.kernelHeight() * spec.kernelWidth();
    dots = elements <= FEW_ELEMENTS || filters <= FEW_FILTERS;
    lowering =
        new ConvLowering(
            spec.inChannels() / spec.groups(),
            spec.inHeight(),
            spec.inWidth(),
            spec.outHeight(),
            spec.outWidth(),
            spec.strideHeight(),
            spec.strideWidth(),
            IntStream.range(0, spec.kernelHeight())
                .map(r -> r * spec.dilationHeight() - spec.paddingHeight())
                .toArray(),
            IntStream.range(0, spec.kernelWidth())
                .map(t -> t * spec.dilationWidth() - spec.paddingWidth())
                .toArray(),
            dots ? Integer.MAX_VALUE : MOST_PIXELS);
    sumsWidth = (filters + LENGTH - 1) / LENGTH * LENGTH;
    long all = (long) spec.groups() * groupSums();
    shares = Math.min(spec.batch(), Math.clamp(MOST_SUMS / all, 1, SHARES));
    int panels = (filters + GemmKernels.COLUMNS - 1) / GemmKernels.COLUMNS;
    int wanted = (SHARES + shares * spec.groups() - 1) / (shares * spec.groups());
    parts = Math.min(panels, wanted);
    int pixels = dots ? 0 : lowering.bandPixels();
    wideOffsets = IntStream.range(0, pixels).map(p -> p * GemmKernels.COLUMNS).toArray();
    narrowOffsets = IntStream.range(0, pixels).map(p -> p * LENGTH).toArray();
  }

  Conv2dSpec spec() {
    return spec;
  }

  /** Returns whether sums run along the pixels of dY as they lie, by {@link GemmDots}. */
  boolean dots() {
    return dots;
  }

  /** Returns whether it is {@link ConvNines} that adds up along the pixels. */
  boolean nines() {
    return dots && lowering.offsets().length % ConvNines.ELEMENTS == 0;
  }

  /** Returns where the lanes of the sum of an element of a filter of a part lie. */
  int lanes(int filter, int element) {
    int blocks = lowering.offsets().length / ConvNines.ELEMENTS;
    int block = filter / 2 * blocks + element / ConvNines.ELEMENTS;
    return ((2 * block + filter % 2) * ConvNines.ELEMENTS + element % ConvNines.ELEMENTS) * LENGTH;
  }

  ConvLowering lowering() {
    return lowering;
  }

  /** Returns the elements from one row of the sums to the next. */
  int sumsWidth() {
    return sumsWidth;
  }

  /** Returns the elements of the sums of a group. */
  int groupSums() {
    return lowering.offsets().length * sumsWidth;
  }

  /** Returns the number of shares of the batch. */
  int shares() {
    return shares;
  }

  /** Returns the number of parts of a group's channels of dY. */
  int parts() {
    return parts;
  }

  int chunks() {
    return shares * spec.groups() * parts;
  }

  /** Returns the elements of all sums. */
  long workspace() {
    return (long) shares * spec.groups() * groupSums();
  }

  /** Returns the elements of a panel of dY, or of the lanes of all sums. */
  int panel() {
    int filters = (spec.outChannels() / spec.groups() + 1) / 2 * 2;
    return nines()
        ? filters * lowering.offsets().length * LENGTH
        : wideOffsets.length * GemmKernels.COLUMNS;
  }

  /** Returns where the rows of a panel of some width begin. */
  int[] offsets(int width) {
    return width == LENGTH ? narrowOffsets : wideOffsets;
  }

  /** Returns the first picture of a share. */
  int shareStart(int share) {
    return (int) ((long) spec.batch() * share / shares);
  }

  /** Returns the first channel of a part, within its group. */
  int partStart(int part) {
    int filters = spec.outChannels() / spec.groups();
    int panels = (filters + GemmKernels.COLUMNS - 1) / GemmKernels.COLUMNS;
    return Math.min(filters, (int) ((long) panels * part / parts) * GemmKernels.COLUMNS);
  }
}
