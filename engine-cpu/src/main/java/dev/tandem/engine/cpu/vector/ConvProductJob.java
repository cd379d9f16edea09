package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The products of a {@link ConvPhase}. A chunk is a band of a group of a picture, and of the result
 * a part of the channels: it lays out what it sees and runs tiles of {@link ConvKernels} over it.
 */
final class ConvProductJob implements Workers.Task {
  private final ConvScratch scratch;
  private ConvPhase phase;
  private int groups;
  private int inGroup;
  private int outPlane;
  private float[] in;
  private int atIn;
  private float[] filters;
  private int atFilters;
  private float[] bias;
  private int atBias;
  private Activation activation;
  private float[] out;
  private int atOut;

  ConvProductJob(ConvScratch scratch) {
    this.scratch = scratch;
  }

  /**
   * Sets the operands.
   *
   * @param theInGroup elements of a group's channels in the picture that is read
   * @param theOutPlane elements of a channel of the result
   * @param theBias null for none
   */
  void set(
      ConvPhase thePhase,
      int theGroups,
      int theInGroup,
      int theOutPlane,
      float[] theIn,
      int theAtIn,
      float[] theFilters,
      int theAtFilters,
      float[] theBias,
      int theAtBias,
      Activation theActivation,
      float[] theOut,
      int theAtOut) {
    phase = thePhase;
    groups = theGroups;
    inGroup = theInGroup;
    outPlane = theOutPlane;
    in = theIn;
    atIn = theAtIn;
    filters = theFilters;
    atFilters = theAtFilters;
    bias = theBias;
    atBias = theAtBias;
    activation = theActivation;
    out = theOut;
    atOut = theAtOut;
  }

  /** Returns the number of chunks of a batch. */
  int chunks(int batch) {
    return Math.multiplyExact(batch * groups, phase.lowering().bands() * phase.parts());
  }

  @Override
  public void run(int chunk, int worker) {
    ConvLowering lowering = phase.lowering();
    int part = chunk % phase.parts();
    int band = chunk / phase.parts() % lowering.bands();
    int item = chunk / phase.parts() / lowering.bands();
    int first = phase.partStart(part);
    int last = phase.partStart(part + 1);
    float[] picture = scratch.picture(worker);
    lowering.copy(in, atIn + item * inGroup, band, picture);
    int bandStart = lowering.bandStart(band);
    int pixels = (lowering.bandStart(band + 1) - bandStart) * lowering.columns();
    int group = item % groups;
    int to = atOut + item * phase.rows() * outPlane + phase.start() + bandStart * phase.rowStride();
    if (lowering.offsets().length == ConvNines.ELEMENTS && contiguous() && pixels >= LENGTH) {
      nines(group, first, last, picture, pixels, to);
    } else {
      for (int j = 0; j < pixels; j += GemmKernels.COLUMNS) {
        int columns = Math.min(GemmKernels.COLUMNS, pixels - j);
        panel(group, first, last, picture, j, columns, to, worker);
      }
    }
    if (activation != Activation.IDENTITY && activation != Activation.RELU) {
      for (int i = first; i < last; i++) {
        int at = to + i * outPlane;
        VectorActivations.forwardRange(activation, out, at, out, at, pixels);
      }
    }
  }

  /** Returns whether the result's pixels lie side by side. */
  private boolean contiguous() {
    return phase.columnStride() == 1 && phase.rowStride() == phase.lowering().columns();
  }

  /** Computes a band two filters at a time. */
  private void nines(int group, int first, int last, float[] picture, int pixels, int to) {
    int at = atFilters + group * phase.filterElements();
    int addends = atBias + group * phase.rows();
    float least = activation == Activation.RELU ? 0 : Float.NEGATIVE_INFINITY;
    for (int i = first; i < last; i += 2) {
      int next = Math.min(i + 1, last - 1);
      ConvNines.results(
          filters,
          at + i * ConvNines.ELEMENTS,
          at + next * ConvNines.ELEMENTS,
          bias == null ? 0 : bias[addends + i],
          bias == null ? 0 : bias[addends + next],
          least,
          picture,
          phase.lowering().offsets(),
          out,
          to + i * outPlane,
          to + next * outPlane,
          pixels);
    }
  }

  /** Computes some pixels of the result from j on. */
  private void panel(
      int group, int first, int last, float[] picture, int j, int columns, int to, int worker) {
    float[] tile = scratch.tile(worker);
    int[] offsets = phase.lowering().offsets();
    int at = atFilters + group * phase.filterElements();
    boolean contiguous = contiguous();
    int width = columns <= LENGTH ? LENGTH : GemmKernels.COLUMNS;
    int i = first;
    while (i < last) {
      int done =
          width == LENGTH
              ? ConvNarrowKernels.tile(
                  last - i,
                  offsets.length,
                  filters,
                  at,
                  phase.rowOffsets(),
                  i,
                  1,
                  picture,
                  j,
                  offsets,
                  tile)
              : ConvKernels.tile(
                  last - i,
                  offsets.length,
                  filters,
                  at,
                  phase.rowOffsets(),
                  i,
                  1,
                  picture,
                  j,
                  offsets,
                  tile);
      int row = to + i * outPlane;
      int atRowBias = atBias + group * phase.rows() + i;
      if (!contiguous) {
        scatter(done, width, columns, tile, j, row);
      } else if (columns == width) {
        merge(done, width, tile, atRowBias, row + j);
      } else {
        mergePart(done, width, columns, tile, atRowBias, row + j);
      }
      i += done;
    }
  }

  /** Writes whole rows of a tile with bias and, if it is that, relu. */
  private void merge(int rows, int width, float[] tile, int atRowBias, int to) {
    boolean relu = activation == Activation.RELU;
    for (int i = 0; i < rows; i++) {
      FloatVector addend = FloatVector.broadcast(FLOATS, bias == null ? 0 : bias[atRowBias + i]);
      for (int j = 0; j < width; j += LENGTH) {
        FloatVector value = FloatVector.fromArray(FLOATS, tile, i * width + j).add(addend);
        if (relu) {
          value = value.max(0);
        }
        value.intoArray(out, to + i * outPlane + j);
      }
    }
  }

  /** The same for the first columns of a tile. */
  private void mergePart(int rows, int width, int columns, float[] tile, int atRowBias, int to) {
    boolean relu = activation == Activation.RELU;
    for (int i = 0; i < rows; i++) {
      FloatVector addend = FloatVector.broadcast(FLOATS, bias == null ? 0 : bias[atRowBias + i]);
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector value = FloatVector.fromArray(FLOATS, tile, i * width + j).add(addend);
        if (relu) {
          value = value.max(0);
        }
        value.intoArray(out, to + i * outPlane + j, mask);
      }
    }
  }

  /** Writes a tile to pixels that do not lie side by side. */
  private void scatter(int rows, int width, int columns, float[] tile, int pixel, int to) {
    int length = phase.lowering().columns();
    for (int i = 0; i < rows; i++) {
      int column = pixel % length;
      int line = to + i * outPlane + pixel / length * phase.rowStride();
      for (int j = 0; j < columns; j++) {
        out[line + column * phase.columnStride()] = tile[i * width + j];
        column++;
        if (column == length) {
          column = 0;
          line += phase.rowStride();
        }
      }
    }
  }
}
