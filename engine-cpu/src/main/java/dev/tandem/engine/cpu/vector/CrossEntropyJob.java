package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.ints;
import static dev.tandem.engine.cpu.HostStorage.offset;

import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.Tensor;
import java.util.Arrays;

/** Rows of logits: with {@code p = softmax(z)} the loss, and the gradient over it. */
final class CrossEntropyJob implements Workers.Task {
  private final SoftmaxPasses passes = new SoftmaxPasses();
  private CrossEntropySpec spec;
  private Tensor logits;
  private Tensor labels;
  private Tensor classWeights;
  private Tensor dlogits;
  private int rows;
  private int columns;
  private int chunks;

  /** The weights of all labels that count. */
  private double weights;

  /** The weights of all classes. */
  private double classes;

  private double[] partials = new double[64];

  /** Takes the operands of the next run. */
  void set(CrossEntropySpec options, Tensor z, Tensor y, Tensor w, Tensor dz) {
    spec = options;
    logits = z;
    labels = y;
    classWeights = w;
    dlogits = dz;
    rows = z.shape().rows();
    columns = z.shape().columns();
    chunks = Chunks.ofRows(rows, columns);
    if (chunks > partials.length) {
      partials = new double[chunks];
    }
    weights = 0;
    for (int i = 0; i < rows; i++) {
      int label = label(i);
      weights += isClass(label) ? weight(label) : 0;
    }
    classes = 0;
    for (int k = 0; k < columns; k++) {
      classes += weight(k);
    }
  }

  int chunks() {
    return chunks;
  }

  /** The sums of the losses by chunk, after the run. */
  double[] partials() {
    return partials;
  }

  /** The weights of all labels that count, which the mean is taken over. */
  double weights() {
    return weights;
  }

  private int label(int i) {
    return ints(labels)[offset(labels) + i];
  }

  private boolean isClass(int label) {
    return label != spec.ignoreIndex() && label >= 0 && label < columns;
  }

  private double weight(int label) {
    return classWeights == null ? 1 : floats(classWeights)[offset(classWeights) + label];
  }

  @Override
  public void run(int chunk, int worker) {
    double sum = 0;
    int end = Chunks.row(chunk + 1, chunks, rows);
    for (int i = Chunks.row(chunk, chunks, rows); i < end; i++) {
      int label = label(i);
      if (isClass(label)) {
        sum += row(i, label);
      } else {
        boolean ignored = label == spec.ignoreIndex();
        sum += ignored ? 0 : Double.NaN;
        fill(i, ignored ? 0 : Float.NaN);
      }
    }
    partials[chunk] = sum;
  }

  private void fill(int i, float value) {
    if (dlogits != null) {
      int to = offset(dlogits) + i * columns;
      Arrays.fill(floats(dlogits), to, to + columns, value);
    }
  }

  private double row(int i, int label) {
    float[] z = floats(logits);
    int at = offset(logits) + i * columns;
    float largest = SoftmaxPasses.run(passes.largest, 0, z, at, null, 0, columns);
    float sum;
    if (dlogits != null && weights > 0) {
      float[] dz = floats(dlogits);
      int to = offset(dlogits) + i * columns;
      sum = SoftmaxPasses.run(passes.exponentials, largest, z, at, dz, to, columns);
      gradientRow(label, sum, dz, to);
    } else {
      sum = SoftmaxPasses.run(passes.sumOfExponentials, largest, z, at, null, 0, columns);
      fill(i, 0);
    }
    double smoothing = spec.labelSmoothing();
    double logarithm = Math.log(sum);
    double loss =
        (1 - smoothing) * weight(label) * (logarithm - ((double) z[at + label] - largest));
    if (smoothing > 0) {
      loss += smoothing / columns * (classes * logarithm - weightedLogits(z, at, largest));
    }
    return loss;
  }

  /** {@code sum_k w_k (z_k - largest)}. */
  private double weightedLogits(float[] z, int at, float largest) {
    double sum = 0;
    for (int k = 0; k < columns; k++) {
      sum += weight(k) * ((double) z[at + k] - largest);
    }
    return sum;
  }

  /**
   * {@code dz_j = ((1-e) w_y (p_j - [j = y]) + (e/N) (p_j sum_k w_k - w_j)) / S}, where dz holds
   * {@code p_j sum}.
   */
  private void gradientRow(int label, float sum, float[] dz, int to) {
    double hard = (1 - spec.labelSmoothing()) * weight(label) / weights;
    double smooth = spec.labelSmoothing() / columns / weights;
    float factor = (float) ((hard + smooth * classes) / sum);
    SoftmaxPasses.run(passes.scale, factor, dz, to, dz, to, columns);
    dz[to + label] -= (float) hard;
    if (smooth > 0) {
      if (classWeights == null) {
        VectorElementwise.addNumber(dz, to, (float) -smooth, dz, to, columns);
      } else {
        VectorElementwise.axpyRange(
            (float) -smooth, floats(classWeights), offset(classWeights), dz, to, columns);
      }
    }
  }
}
