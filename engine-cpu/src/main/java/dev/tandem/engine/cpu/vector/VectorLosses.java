package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.length;
import static dev.tandem.engine.cpu.HostStorage.offset;

import dev.tandem.engine.Backend;
import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.Losses;
import dev.tandem.engine.Tensor;

/** Loss functions with their gradients. */
final class VectorLosses extends Losses {
  private final Workers workers;
  private final CrossEntropyJob crossEntropyJob = new CrossEntropyJob();
  private final PointwiseJob pointwiseJob;

  VectorLosses(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
    pointwiseJob = new PointwiseJob(workers.threads());
  }

  @Override
  protected void computeSoftmaxCrossEntropy(
      CrossEntropySpec spec,
      Tensor logits,
      Tensor labels,
      Tensor classWeights,
      Tensor loss,
      Tensor dlogits) {
    CrossEntropyJob job = crossEntropyJob;
    job.set(spec, logits, labels, classWeights, dlogits);
    workers.run(job, job.chunks());
    write(loss, job.partials(), job.chunks(), job.weights());
  }

  @Override
  protected void computePointwise(
      Pointwise function,
      double delta,
      Tensor prediction,
      Tensor target,
      Tensor weights,
      Tensor loss,
      Tensor dprediction) {
    PointwiseJob job = pointwiseJob;
    job.set(function, delta, prediction, target, weights, dprediction);
    workers.run(job, job.chunks());
    write(loss, job.partials(), job.chunks(), length(prediction));
  }

  /** Writes the mean, 0 over nothing but NaN of NaN, and what it was taken over. */
  private static void write(Tensor loss, double[] partials, int chunks, double count) {
    double sum = 0;
    for (int i = 0; i < chunks; i++) {
      sum += partials[i];
    }
    float[] into = floats(loss);
    into[offset(loss)] = (float) (count > 0 || Double.isNaN(sum) ? sum / count : 0);
    into[offset(loss) + 1] = (float) count;
  }
}
