package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Conv2dSpec;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The gradient of filters: for each picture the product {@code dW^T [CRS,K] += patches [CRS,PQ]
 * dY^T [PQ,K]}, where the patches are read as a {@link ConvLowering} laid them out and dY is copied
 * with its channels side by side.
 *
 * <p>A chunk is some of the pictures and some of the channels of dY, and has sums of its own in the
 * workspace. How many there are is decided by the sizes, and they are added in order.
 */
final class ConvFilterJob implements Workers.Task {
  private final ConvScratch scratch;
  private ConvFilterPlan plan;
  private float[] x;
  private int atX;
  private float[] dy;
  private int atDy;
  private float[] sums;
  private int atSums;

  ConvFilterJob(ConvScratch scratch) {
    this.scratch = scratch;
  }

  void set(
      ConvFilterPlan thePlan,
      float[] theX,
      int theAtX,
      float[] theDy,
      int theAtDy,
      float[] theSums,
      int theAtSums) {
    plan = thePlan;
    x = theX;
    atX = theAtX;
    dy = theDy;
    atDy = theAtDy;
    sums = theSums;
    atSums = theAtSums;
  }

  @Override
  public void run(int chunk, int worker) {
    Conv2dSpec spec = plan.spec();
    int part = chunk % plan.parts();
    int group = chunk / plan.parts() % spec.groups();
    int share = chunk / plan.parts() / spec.groups();
    int first = plan.shareStart(share);
    int last = plan.shareStart(share + 1);
    int inGroup = spec.inChannels() / spec.groups() * spec.inHeight() * spec.inWidth();
    ConvLowering lowering = plan.lowering();
    int to = atSums + (share * spec.groups() + group) * plan.groupSums();
    int begin = plan.partStart(part);
    int end = plan.partStart(part + 1);
    if (plan.nines()) {
      Arrays.fill(scratch.panel(worker), 0, plan.panel(), 0);
    }
    for (int n = first; n < last; n++) {
      for (int band = 0; band < lowering.bands(); band++) {
        int item = n * spec.groups() + group;
        lowering.copy(x, atX + item * inGroup, band, scratch.picture(worker));
        boolean fresh = n == first && band == 0;
        for (int k = begin; k < end; k += GemmKernels.COLUMNS) {
          int columns = Math.min(end - k, GemmKernels.COLUMNS);
          if (plan.nines()) {
            nines(item, band, k, columns, k - begin, worker);
          } else if (plan.dots()) {
            dots(item, band, k, columns, fresh, to + k, worker);
          } else {
            panel(item, band, k, columns, fresh, to + k, worker);
          }
        }
      }
    }
    if (plan.nines()) {
      collectNines(end - begin, to + begin, scratch.panel(worker));
    }
  }

  /** Adds the products of a band for some channels of dY, two at a time, to the lanes of sums. */
  private void nines(int item, int band, int k, int columns, int place, int worker) {
    Conv2dSpec spec = plan.spec();
    ConvLowering lowering = plan.lowering();
    int plane = spec.outHeight() * spec.outWidth();
    int start = lowering.bandStart(band) * lowering.columns();
    int pixels = lowering.bandStart(band + 1) * lowering.columns() - start;
    int from = atDy + (item * (spec.outChannels() / spec.groups()) + k) * plane + start;
    int[] offsets = lowering.offsets();
    float[] picture = scratch.picture(worker);
    float[] lanes = scratch.panel(worker);
    for (int i = 0; i < columns; i += 2) {
      int filter = from + i * plane;
      int next = from + Math.min(i + 1, columns - 1) * plane;
      for (int e = 0; e < offsets.length; e += ConvNines.ELEMENTS) {
        int at = plan.lanes(place + i, e);
        ConvNines.gradients(dy, filter, next, picture, offsets, e, pixels, lanes, at);
        if (Lanes.whole(pixels) < pixels) {
          int other = plan.lanes(place + i + 1, e);
          ConvNines.lastGradients(dy, filter, picture, offsets, e, pixels, lanes, at);
          ConvNines.lastGradients(dy, next, picture, offsets, e, pixels, lanes, other);
        }
      }
    }
  }

  /** Adds up lanes in the order of {@link Sums#lanes}, where a vector was an object at times. */
  private void collectNines(int filters, int to, float[] lanes) {
    for (int e = 0; e < plan.lowering().offsets().length; e++) {
      for (int k = 0; k < filters; k++) {
        int at = plan.lanes(k, e);
        for (int half = LENGTH / 2; half > 0; half /= 2) {
          for (int lane = 0; lane < half; lane++) {
            lanes[at + lane] += lanes[at + half + lane];
          }
        }
        sums[to + e * plan.sumsWidth() + k] = lanes[at];
      }
    }
  }

  /** Adds the sums of a band for some channels of dY from k on. */
  private void panel(int item, int band, int k, int columns, boolean fresh, int to, int worker) {
    Conv2dSpec spec = plan.spec();
    ConvLowering lowering = plan.lowering();
    int plane = spec.outHeight() * spec.outWidth();
    int filters = spec.outChannels() / spec.groups();
    int start = lowering.bandStart(band) * lowering.columns();
    int pixels = lowering.bandStart(band + 1) * lowering.columns() - start;
    int width = columns <= LENGTH ? LENGTH : GemmKernels.COLUMNS;
    float[] panel = scratch.panel(worker);
    int from = atDy + (item * filters + k) * plane + start;
    ConvTranspose.copy(dy, from, plane, columns, pixels, panel, width);
    float[] picture = scratch.picture(worker);
    float[] tile = scratch.tile(worker);
    int[] rows = lowering.offsets();
    int[] offsets = plan.offsets(width);
    int i = 0;
    while (i < rows.length) {
      int done =
          width == LENGTH
              ? ConvNarrowKernels.tile(
                  rows.length - i, pixels, picture, 0, rows, i, 1, panel, 0, offsets, tile)
              : ConvKernels.tile(
                  rows.length - i, pixels, picture, 0, rows, i, 1, panel, 0, offsets, tile);
      add(done, width, tile, fresh, to + i * plan.sumsWidth());
      i += done;
    }
  }

  /** The same without turning dY: every sum is a dot product along the pixels. */
  private void dots(int item, int band, int k, int columns, boolean fresh, int to, int worker) {
    Conv2dSpec spec = plan.spec();
    ConvLowering lowering = plan.lowering();
    int plane = spec.outHeight() * spec.outWidth();
    int start = lowering.bandStart(band) * lowering.columns();
    int pixels = lowering.bandStart(band + 1) * lowering.columns() - start;
    int from = atDy + (item * (spec.outChannels() / spec.groups()) + k) * plane + start;
    float[] picture = scratch.picture(worker);
    float[] tile = scratch.tile(worker);
    int[] rows = lowering.offsets();
    for (int e = 0; e < rows.length; e += GemmDots.COLUMNS) {
      int width = Math.min(GemmDots.COLUMNS, rows.length - e);
      int second = rows[e + Math.min(1, width - 1)];
      int third = rows[e + Math.min(2, width - 1)];
      int fourth = rows[e + width - 1];
      int whole = Lanes.whole(pixels);
      int i = 0;
      while (i < columns) {
        int at = from + i * plane;
        int done =
            GemmDots.tile(
                columns - i, whole, dy, at, plane, picture, rows[e], second, third, fourth, tile);
        for (int row = 0; row < done; row++) {
          collect(
              at + row * plane,
              pixels,
              e,
              width,
              row,
              fresh,
              to + e * plan.sumsWidth() + i + row,
              worker);
        }
        i += done;
      }
    }
  }

  /** Adds up the lanes of a row of a tile, and what is left behind the last whole vector. */
  private void collect(
      int at, int pixels, int e, int width, int row, boolean fresh, int to, int worker) {
    int whole = Lanes.whole(pixels);
    VectorMask<Float> mask = FLOATS.indexInRange(whole, pixels);
    FloatVector rest = FloatVector.fromArray(FLOATS, dy, at + whole, mask);
    float[] picture = scratch.picture(worker);
    float[] tile = scratch.tile(worker);
    for (int j = 0; j < width; j++) {
      int from = plan.lowering().offsets()[e + j] + whole;
      FloatVector lanes =
          FloatVector.fromArray(FLOATS, tile, (row * GemmDots.COLUMNS + j) * LENGTH);
      lanes = rest.fma(FloatVector.fromArray(FLOATS, picture, from, mask), lanes);
      float sum = Sums.lanes(lanes);
      int place = to + j * plan.sumsWidth();
      sums[place] = fresh ? sum : sums[place] + sum;
    }
  }

  private void add(int rows, int width, float[] tile, boolean fresh, int to) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < width; j += LENGTH) {
        int at = to + i * plan.sumsWidth() + j;
        FloatVector value = FloatVector.fromArray(FLOATS, tile, i * width + j);
        if (!fresh) {
          value = value.add(FloatVector.fromArray(FLOATS, sums, at));
        }
        value.intoArray(sums, at);
      }
    }
  }
}
