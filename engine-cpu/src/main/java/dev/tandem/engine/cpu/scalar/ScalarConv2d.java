package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Backend;
import dev.tandem.engine.Conv2d;
import dev.tandem.engine.Conv2dSpec;
import dev.tandem.engine.Tensor;

/** Convolutions by their definition. */
final class ScalarConv2d extends Conv2d {
  private static final String DEFINITION = "by definition";

  ScalarConv2d(Backend backend) {
    super(backend);
  }

  @Override
  protected Plan choose(Conv2dSpec spec) {
    return new ScalarPlan(this, spec);
  }

  private static final class ScalarPlan extends Plan {
    ScalarPlan(Conv2d family, Conv2dSpec spec) {
      super(family, spec, 0, DEFINITION, DEFINITION, DEFINITION);
    }
  }

  @Override
  protected void computeForward(
      Plan plan, Tensor x, Tensor w, Tensor bias, Activation f, Tensor y, Tensor workspace) {
    Conv2dSpec spec = plan.spec();
    Values in = Values.of(x);
    Values filter = Values.of(w);
    Values addend = Values.of(bias);
    Values out = Values.of(y);
    int channels = spec.inChannels() / spec.groups();
    // y[n,k,i,j] = f(bias[k] + sum_crt w[k,c,r,t] x[n, g C/G + c, i s + r d - p, j s + t d - p])
    for (int n = 0; n < spec.batch(); n++) {
      for (int k = 0; k < spec.outChannels(); k++) {
        for (int i = 0; i < spec.outHeight(); i++) {
          for (int j = 0; j < spec.outWidth(); j++) {
            double sum = 0;
            for (int c = 0; c < channels; c++) {
              for (int r = 0; r < spec.kernelHeight(); r++) {
                for (int t = 0; t < spec.kernelWidth(); t++) {
                  int row = row(spec, i, r);
                  int column = column(spec, j, t);
                  if (isInside(spec, row, column)) {
                    int channel = firstChannel(spec, k) + c;
                    sum +=
                        filter.get(atFilter(spec, k, c, r, t))
                            * in.get(atInput(spec, n, channel, row, column));
                  }
                }
              }
            }
            double value = addend == null ? sum : sum + addend.get(k);
            out.set(atOutput(spec, n, k, i, j), ScalarActivations.value(f, value));
          }
        }
      }
    }
  }

  @Override
  protected void computeBackwardData(Plan plan, Tensor dy, Tensor w, Tensor dx, Tensor workspace) {
    Conv2dSpec spec = plan.spec();
    Values outer = Values.of(dy);
    Values filter = Values.of(w);
    Values inner = Values.of(dx);
    int filters = spec.outChannels() / spec.groups();
    int channels = spec.inChannels() / spec.groups();
    // dx[n,c,h,v] = sum_krt w[k,c',r,t] dy[n,k,i,j] where i s + r d - p = h and j s + t d - p = v
    for (int n = 0; n < spec.batch(); n++) {
      for (int c = 0; c < spec.inChannels(); c++) {
        for (int h = 0; h < spec.inHeight(); h++) {
          for (int v = 0; v < spec.inWidth(); v++) {
            double sum = 0;
            for (int m = 0; m < filters; m++) {
              int k = c / channels * filters + m;
              for (int r = 0; r < spec.kernelHeight(); r++) {
                for (int t = 0; t < spec.kernelWidth(); t++) {
                  int rows = h + spec.paddingHeight() - r * spec.dilationHeight();
                  int columns = v + spec.paddingWidth() - t * spec.dilationWidth();
                  int i = rows / spec.strideHeight();
                  int j = columns / spec.strideWidth();
                  boolean whole =
                      rows % spec.strideHeight() == 0 && columns % spec.strideWidth() == 0;
                  boolean inside = i < spec.outHeight() && j < spec.outWidth();
                  if (rows >= 0 && columns >= 0 && whole && inside) {
                    sum +=
                        filter.get(atFilter(spec, k, c % channels, r, t))
                            * outer.get(atOutput(spec, n, k, i, j));
                  }
                }
              }
            }
            inner.set(atInput(spec, n, c, h, v), sum);
          }
        }
      }
    }
  }

  @Override
  protected void computeBackwardFilter(
      Plan plan, Tensor x, Tensor dy, Tensor dw, Tensor workspace) {
    Conv2dSpec spec = plan.spec();
    Values in = Values.of(x);
    Values outer = Values.of(dy);
    Values filter = Values.of(dw);
    int channels = spec.inChannels() / spec.groups();
    // dw[k,c,r,t] += sum_nij dy[n,k,i,j] x[n, g C/G + c, i s + r d - p, j s + t d - p]
    for (int k = 0; k < spec.outChannels(); k++) {
      for (int c = 0; c < channels; c++) {
        for (int r = 0; r < spec.kernelHeight(); r++) {
          for (int t = 0; t < spec.kernelWidth(); t++) {
            double sum = 0;
            for (int n = 0; n < spec.batch(); n++) {
              for (int i = 0; i < spec.outHeight(); i++) {
                for (int j = 0; j < spec.outWidth(); j++) {
                  int row = row(spec, i, r);
                  int column = column(spec, j, t);
                  if (isInside(spec, row, column)) {
                    int channel = firstChannel(spec, k) + c;
                    sum +=
                        outer.get(atOutput(spec, n, k, i, j))
                            * in.get(atInput(spec, n, channel, row, column));
                  }
                }
              }
            }
            filter.add(atFilter(spec, k, c, r, t), sum);
          }
        }
      }
    }
  }

  @Override
  protected void computeBackwardBias(Plan plan, Tensor dy, Tensor db) {
    Conv2dSpec spec = plan.spec();
    Values outer = Values.of(dy);
    Values sums = Values.of(db);
    // db[k] += sum_nij dy[n,k,i,j]
    for (int k = 0; k < spec.outChannels(); k++) {
      double sum = 0;
      for (int n = 0; n < spec.batch(); n++) {
        for (int i = 0; i < spec.outHeight(); i++) {
          for (int j = 0; j < spec.outWidth(); j++) {
            sum += outer.get(atOutput(spec, n, k, i, j));
          }
        }
      }
      sums.add(k, sum);
    }
  }

  private static int row(Conv2dSpec spec, int i, int r) {
    return i * spec.strideHeight() + r * spec.dilationHeight() - spec.paddingHeight();
  }

  private static int column(Conv2dSpec spec, int j, int t) {
    return j * spec.strideWidth() + t * spec.dilationWidth() - spec.paddingWidth();
  }

  private static boolean isInside(Conv2dSpec spec, int row, int column) {
    return row >= 0 && row < spec.inHeight() && column >= 0 && column < spec.inWidth();
  }

  private static int firstChannel(Conv2dSpec spec, int k) {
    return k / (spec.outChannels() / spec.groups()) * (spec.inChannels() / spec.groups());
  }

  private static int atInput(Conv2dSpec spec, int n, int c, int h, int v) {
    return ((n * spec.inChannels() + c) * spec.inHeight() + h) * spec.inWidth() + v;
  }

  private static int atFilter(Conv2dSpec spec, int k, int c, int r, int t) {
    int channels = spec.inChannels() / spec.groups();
    return ((k * channels + c) * spec.kernelHeight() + r) * spec.kernelWidth() + t;
  }

  private static int atOutput(Conv2dSpec spec, int n, int k, int i, int j) {
    return ((n * spec.outChannels() + k) * spec.outHeight() + i) * spec.outWidth() + j;
  }
}
