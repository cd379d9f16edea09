package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Norms;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;

/** Batch and layer normalisation. */
final class ScalarNorms extends Norms {
  /**
   * The values of a channel in {@code x [N,C,...]}: number {@code p} of channel c is element {@code
   * p mod S} of example {@code p / S}.
   */
  private record Channels(int channels, int behind, int length) {
    static Channels of(Tensor x) {
      Shape shape = x.shape();
      int behind = ScalarElementwise.elementsBehindChannel(x);
      return new Channels(shape.dimension(1), behind, shape.dimension(0) * behind);
    }

    int at(int channel, int p) {
      return (p / behind * channels + channel) * behind + p % behind;
    }
  }

  ScalarNorms(Backend backend) {
    super(backend);
  }

  @Override
  protected void computeBatchNormTrain(
      double epsilon,
      double momentum,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y,
      Tensor mean,
      Tensor inverseDeviation) {
    Values in = Values.of(x);
    Values scale = Values.of(gamma);
    Values shift = Values.of(beta);
    Values keptMean = Values.of(runningMean);
    Values keptVariance = Values.of(runningVariance);
    Values out = Values.of(y);
    Channels walk = Channels.of(x);
    int n = walk.length();
    for (int c = 0; c < walk.channels(); c++) {
      // m = (1/n) sum_p x_p
      double m = 0;
      for (int p = 0; p < n; p++) {
        m += in.get(walk.at(c, p)) / n;
      }
      // v = (1/n) sum_p (x_p - m)^2
      double v = 0;
      for (int p = 0; p < n; p++) {
        double difference = in.get(walk.at(c, p)) - m;
        v += difference * difference / n;
      }
      // y_p = gamma (x_p - m) / sqrt(v + epsilon) + beta
      double inverse = 1 / Math.sqrt(v + epsilon);
      for (int p = 0; p < n; p++) {
        int at = walk.at(c, p);
        out.set(at, scale.get(c) * (in.get(at) - m) * inverse + shift.get(c));
      }
      Values.of(mean).set(c, m);
      Values.of(inverseDeviation).set(c, inverse);
      // running = (1 - momentum) running + momentum batch, with the unbiased variance v n/(n-1)
      keptMean.set(c, (1 - momentum) * keptMean.get(c) + momentum * m);
      keptVariance.set(c, (1 - momentum) * keptVariance.get(c) + momentum * v * n / (n - 1));
    }
  }

  @Override
  protected void computeBatchNormInfer(
      double epsilon,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y) {
    Values in = Values.of(x);
    Values out = Values.of(y);
    Channels walk = Channels.of(x);
    for (int c = 0; c < walk.channels(); c++) {
      double m = Values.of(runningMean).get(c);
      double inverse = 1 / Math.sqrt(Values.of(runningVariance).get(c) + epsilon);
      double scale = Values.of(gamma).get(c);
      double shift = Values.of(beta).get(c);
      // y_p = gamma (x_p - m) / sqrt(v + epsilon) + beta
      for (int p = 0; p < walk.length(); p++) {
        int at = walk.at(c, p);
        out.set(at, scale * (in.get(at) - m) * inverse + shift);
      }
    }
  }

  @Override
  protected void computeBatchNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dy,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    Values in = Values.of(x);
    Values outer = Values.of(dy);
    Values inner = Values.of(dx);
    Channels walk = Channels.of(x);
    int n = walk.length();
    for (int c = 0; c < walk.channels(); c++) {
      double m = Values.of(mean).get(c);
      double inverse = Values.of(inverseDeviation).get(c);
      // dbeta += sum_p dy_p, dgamma += sum_p dy_p xhat_p with xhat_p = (x_p - m) inverse
      double sum = 0;
      double product = 0;
      for (int p = 0; p < n; p++) {
        int at = walk.at(c, p);
        sum += outer.get(at);
        product += outer.get(at) * (in.get(at) - m) * inverse;
      }
      Values.of(dbeta).add(c, sum);
      Values.of(dgamma).add(c, product);
      // dx_p = gamma inverse (dy_p - sum/n - xhat_p product/n)
      double scale = Values.of(gamma).get(c) * inverse;
      for (int p = 0; p < n; p++) {
        int at = walk.at(c, p);
        double xhat = (in.get(at) - m) * inverse;
        inner.set(at, scale * (outer.get(at) - sum / n - xhat * product / n));
      }
    }
  }

  @Override
  protected void computeLayerNorm(
      double epsilon,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor y,
      Tensor mean,
      Tensor inverseDeviation) {
    Values in = Values.of(x);
    Values scale = Values.of(gamma);
    Values shift = Values.of(beta);
    Values out = Values.of(y);
    int features = x.shape().columns();
    for (int i = 0; i < x.shape().rows(); i++) {
      int from = i * features;
      // m = (1/F) sum_j x_j
      double m = 0;
      for (int j = 0; j < features; j++) {
        m += in.get(from + j) / features;
      }
      // v = (1/F) sum_j (x_j - m)^2
      double v = 0;
      for (int j = 0; j < features; j++) {
        double difference = in.get(from + j) - m;
        v += difference * difference / features;
      }
      // y_j = gamma_j (x_j - m) / sqrt(v + epsilon) + beta_j
      double inverse = 1 / Math.sqrt(v + epsilon);
      for (int j = 0; j < features; j++) {
        out.set(from + j, scale.get(j) * (in.get(from + j) - m) * inverse + shift.get(j));
      }
      Values.of(mean).set(i, m);
      Values.of(inverseDeviation).set(i, inverse);
    }
  }

  @Override
  protected void computeLayerNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dy,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    Values in = Values.of(x);
    Values scale = Values.of(gamma);
    Values m = Values.of(mean);
    Values inverse = Values.of(inverseDeviation);
    Values outer = Values.of(dy);
    int features = x.shape().columns();
    int rows = x.shape().rows();
    // dbeta_j += sum_i dy_ij, dgamma_j += sum_i dy_ij xhat_ij
    for (int j = 0; j < features; j++) {
      double sum = 0;
      double product = 0;
      for (int i = 0; i < rows; i++) {
        int at = i * features + j;
        sum += outer.get(at);
        product += outer.get(at) * (in.get(at) - m.get(i)) * inverse.get(i);
      }
      Values.of(dbeta).add(j, sum);
      Values.of(dgamma).add(j, product);
    }
    Values inner = Values.of(dx);
    for (int i = 0; i < rows; i++) {
      int from = i * features;
      // the means of g_j = dy_j gamma_j and of g_j xhat_j
      double meanG = 0;
      double meanProduct = 0;
      for (int j = 0; j < features; j++) {
        double g = outer.get(from + j) * scale.get(j);
        meanG += g / features;
        meanProduct += g * (in.get(from + j) - m.get(i)) * inverse.get(i) / features;
      }
      // dx_j = inverse (g_j - mean g - xhat_j mean(g xhat))
      for (int j = 0; j < features; j++) {
        double g = outer.get(from + j) * scale.get(j);
        double xhat = (in.get(from + j) - m.get(i)) * inverse.get(i);
        inner.set(from + j, inverse.get(i) * (g - meanG - xhat * meanProduct));
      }
    }
  }
}
