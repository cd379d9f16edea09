package dev.tandem.engine.conformance;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The calls of {@link dev.tandem.engine.Norms} on one input. */
final class NormsCalls {
  static final double EPSILON = 1e-5;
  static final double MOMENTUM = 0.1;

  private final DataType type;
  private final Tolerance t;
  private final Shape shape;
  private final double[] x;

  NormsCalls(DataType type, Shape shape, double[] x) {
    this.type = type;
    this.t = Tolerance.of(type);
    this.shape = shape;
    this.x = x;
  }

  /** Returns every call with random parameters, gradients and sums so far. */
  Stream<Call> all() {
    int channels = shape.dimension(1);
    int features = shape.columns();
    Numbers numbers = new Numbers(x.length);
    double[] dy = numbers.uniform(x.length);
    return Stream.of(
        train(
            EPSILON,
            MOMENTUM,
            numbers.uniform(channels, 0.5, 2),
            numbers.uniform(channels),
            numbers.uniform(channels),
            numbers.uniform(channels, 0.5, 2)),
        infer(
            numbers.uniform(channels, 0.5, 2),
            numbers.uniform(channels),
            numbers.uniform(channels),
            numbers.uniform(channels, 0.5, 2)),
        batchBackward(
            numbers.uniform(channels, 0.5, 2),
            dy,
            numbers.integers(channels),
            numbers.integers(channels)),
        layer(numbers.uniform(features, 0.5, 2), numbers.uniform(features)),
        layerBackward(
            numbers.uniform(features, 0.5, 2),
            dy,
            numbers.integers(features),
            numbers.integers(features)));
  }

  /** The indices of the values of each channel. */
  private int[][] channels() {
    int channels = shape.dimension(1);
    int behind = 1;
    for (int axis = 2; axis < shape.rank(); axis++) {
      behind *= shape.dimension(axis);
    }
    int[][] groups = new int[channels][];
    for (int c = 0; c < channels; c++) {
      int channel = c;
      int stride = behind;
      groups[c] =
          IntStream.range(0, x.length).filter(i -> i / stride % channels == channel).toArray();
    }
    return groups;
  }

  /** The indices of the values of each row. */
  private int[][] rows() {
    int columns = shape.columns();
    return IntStream.range(0, shape.rows())
        .mapToObj(i -> IntStream.range(i * columns, (i + 1) * columns).toArray())
        .toArray(int[][]::new);
  }

  private Bounded[] take(double[] values, int[] at) {
    return Arrays.stream(at).mapToObj(i -> t.exact(values[i])).toArray(Bounded[]::new);
  }

  private NormsOracle[] measures(int[][] groups) {
    return Arrays.stream(groups)
        .map(group -> NormsOracle.of(take(x, group), EPSILON))
        .toArray(NormsOracle[]::new);
  }

  /** What the forward pass keeps, rounded; of a group without values whatever. */
  private NormsOracle[] kept(int[][] groups) {
    return Arrays.stream(groups)
        .map(
            group -> {
              if (group.length == 0) {
                return new NormsOracle(t.exact(0), t.exact(1), t.exact(1));
              }
              NormsOracle norm = NormsOracle.of(take(x, group), EPSILON);
              return new NormsOracle(
                  t.rounded(norm.mean().value()),
                  norm.variance(),
                  t.rounded(norm.inverse().value()));
            })
        .toArray(NormsOracle[]::new);
  }

  private static Bounded[] each(NormsOracle[] norms, Function<NormsOracle, Bounded> f) {
    return Arrays.stream(norms).map(f).toArray(Bounded[]::new);
  }

  Call train(
      double epsilon,
      double momentum,
      double[] scale,
      double[] shift,
      double[] oldMean,
      double[] oldVariance) {
    int[][] groups = channels();
    Bounded[] y = new Bounded[x.length];
    NormsOracle[] norms = new NormsOracle[groups.length];
    for (int c = 0; c < groups.length; c++) {
      norms[c] = NormsOracle.of(take(x, groups[c]), epsilon);
      for (int at : groups[c]) {
        y[at] = norms[c].apply(t.exact(x[at]), t.exact(scale[c]), t.exact(shift[c]));
      }
    }
    int n = groups.length == 0 ? 0 : groups[0].length;
    Shape c = Shape.of(groups.length);
    Call call = new Call("batchNormTrain", "batchNormTrain", type);
    Operand in = call.input("x", shape, x).defining();
    Operand gamma = call.input("gamma", c, scale);
    Operand beta = call.input("beta", c, shift);
    Operand runningMean =
        call.updated(
            "runningMean",
            c,
            oldMean,
            Oracle.indexed(
                groups.length, i -> NormsOracle.running(momentum, oldMean[i], norms[i].mean())));
    Operand runningVariance =
        call.updated(
            "runningVariance",
            c,
            oldVariance,
            Oracle.indexed(
                groups.length,
                i -> NormsOracle.running(momentum, oldVariance[i], norms[i].unbiased(n))));
    Operand out = call.output("y", shape, y);
    Operand mean = call.output("mean", c, each(norms, NormsOracle::mean));
    Operand inverse = call.output("inverseDeviation", c, each(norms, NormsOracle::inverse));
    return call.of(
        b ->
            b.norms()
                .batchNormTrain(
                    epsilon,
                    momentum,
                    in.tensor(),
                    gamma.tensor(),
                    beta.tensor(),
                    runningMean.tensor(),
                    runningVariance.tensor(),
                    out.tensor(),
                    mean.tensor(),
                    inverse.tensor()));
  }

  Call infer(double[] scale, double[] shift, double[] means, double[] variances) {
    int[][] groups = channels();
    Bounded[] y = new Bounded[x.length];
    for (int c = 0; c < groups.length; c++) {
      NormsOracle norm = NormsOracle.of(t.exact(means[c]), t.exact(variances[c]), EPSILON);
      for (int at : groups[c]) {
        y[at] = norm.apply(t.exact(x[at]), t.exact(scale[c]), t.exact(shift[c]));
      }
    }
    Shape c = Shape.of(groups.length);
    Call call = new Call("batchNormInfer", "batchNormInfer", type);
    Operand in = call.input("x", shape, x).defining();
    Operand gamma = call.input("gamma", c, scale);
    Operand beta = call.input("beta", c, shift);
    Operand mean = call.input("runningMean", c, means);
    Operand variance = call.input("runningVariance", c, variances);
    Operand out = call.output("y", shape, y);
    return call.mayBe(out, in)
        .of(
            b ->
                b.norms()
                    .batchNormInfer(
                        EPSILON,
                        in.tensor(),
                        gamma.tensor(),
                        beta.tensor(),
                        mean.tensor(),
                        variance.tensor(),
                        out.tensor()));
  }

  Call batchBackward(double[] scale, double[] outer, double[] oldGamma, double[] oldBeta) {
    int[][] groups = channels();
    int channels = groups.length;
    NormsOracle[] norms = kept(groups);
    Bounded[] dx = new Bounded[x.length];
    Bounded[] dgamma = new Bounded[channels];
    Bounded[] dbeta = new Bounded[channels];
    for (int c = 0; c < channels; c++) {
      Bounded gamma = t.exact(scale[c]);
      Bounded[] values = take(x, groups[c]);
      Bounded[] dy = take(outer, groups[c]);
      Bounded[] xhat = Oracle.map(values, norms[c]::normalized);
      dgamma[c] = NormsOracle.product(t, xhat, dy).plus(oldGamma[c]);
      dbeta[c] = t.sum(dy).plus(oldBeta[c]);
      Bounded[] inner = norms[c].backward(values, dy);
      for (int p = 0; p < inner.length; p++) {
        dx[groups[c][p]] = gamma.times(inner[p]);
      }
    }
    Call call = new Call("batchNormBackward", "batchNorm backward", type);
    Backward operands =
        new Backward(
            call, Shape.of(channels), scale, norms, outer, dx, oldGamma, dgamma, oldBeta, dbeta);
    return call.of(
        b ->
            b.norms()
                .batchNormBackward(
                    operands.x.tensor(),
                    operands.gamma.tensor(),
                    operands.mean.tensor(),
                    operands.inverse.tensor(),
                    operands.dy.tensor(),
                    operands.dx.tensor(),
                    operands.dgamma.tensor(),
                    operands.dbeta.tensor()));
  }

  Call layer(double[] scale, double[] shift) {
    int[][] groups = rows();
    int features = shape.columns();
    NormsOracle[] norms = measures(groups);
    Bounded[] y =
        Oracle.indexed(
            x.length,
            at ->
                norms[at / features].apply(
                    t.exact(x[at]), t.exact(scale[at % features]), t.exact(shift[at % features])));
    Call call = new Call("layerNorm", "layerNorm", type);
    Operand in = call.input("x", shape, x).defining();
    Operand gamma = call.input("gamma", Shape.of(features), scale);
    Operand beta = call.input("beta", Shape.of(features), shift);
    Operand out = call.output("y", shape, y);
    Shape rows = Shape.of(groups.length);
    Operand mean = call.output("mean", rows, each(norms, NormsOracle::mean));
    Operand inverse = call.output("inverseDeviation", rows, each(norms, NormsOracle::inverse));
    return call.of(
        b ->
            b.norms()
                .layerNorm(
                    EPSILON,
                    in.tensor(),
                    gamma.tensor(),
                    beta.tensor(),
                    out.tensor(),
                    mean.tensor(),
                    inverse.tensor()));
  }

  Call layerBackward(double[] scale, double[] outer, double[] oldGamma, double[] oldBeta) {
    int[][] groups = rows();
    int features = shape.columns();
    NormsOracle[] norms = kept(groups);
    Bounded[] dx = new Bounded[x.length];
    Bounded[] xhat = new Bounded[x.length];
    for (int i = 0; i < groups.length; i++) {
      int from = i * features;
      Bounded[] values = take(x, groups[i]);
      Bounded[] g =
          Oracle.indexed(features, j -> t.exact(outer[from + j]).times(t.exact(scale[j])));
      System.arraycopy(norms[i].backward(values, g), 0, dx, from, features);
      System.arraycopy(Oracle.map(values, norms[i]::normalized), 0, xhat, from, features);
    }
    Bounded[] dgamma = new Bounded[features];
    Bounded[] dbeta = new Bounded[features];
    for (int j = 0; j < features; j++) {
      int column = j;
      int[] at = IntStream.range(0, groups.length).map(i -> i * features + column).toArray();
      Bounded[] dy = take(outer, at);
      Bounded[] normalized = Oracle.indexed(at.length, i -> xhat[at[i]]);
      dgamma[j] = NormsOracle.product(t, normalized, dy).plus(oldGamma[j]);
      dbeta[j] = t.sum(dy).plus(oldBeta[j]);
    }
    Call call = new Call("layerNormBackward", "layerNorm backward", type);
    Backward operands =
        new Backward(
            call, Shape.of(features), scale, norms, outer, dx, oldGamma, dgamma, oldBeta, dbeta);
    return call.of(
        b ->
            b.norms()
                .layerNormBackward(
                    operands.x.tensor(),
                    operands.gamma.tensor(),
                    operands.mean.tensor(),
                    operands.inverse.tensor(),
                    operands.dy.tensor(),
                    operands.dx.tensor(),
                    operands.dgamma.tensor(),
                    operands.dbeta.tensor()));
  }

  /** The operands of both backward passes. */
  private final class Backward {
    final Operand x;
    final Operand gamma;
    final Operand mean;
    final Operand inverse;
    final Operand dy;
    final Operand dx;
    final Operand dgamma;
    final Operand dbeta;

    Backward(
        Call call,
        Shape features,
        double[] scale,
        NormsOracle[] norms,
        double[] outer,
        Bounded[] inner,
        double[] oldGamma,
        Bounded[] newGamma,
        double[] oldBeta,
        Bounded[] newBeta) {
      Shape groups = Shape.of(norms.length);
      x = call.input("x", shape, NormsCalls.this.x).defining();
      gamma = call.input("gamma", features, scale);
      mean = call.input("mean", groups, Oracle.values(each(norms, NormsOracle::mean)));
      inverse =
          call.input("inverseDeviation", groups, Oracle.values(each(norms, NormsOracle::inverse)));
      dy = call.input("dy", shape, outer);
      dx = call.output("dx", shape, inner);
      dgamma = call.updated("dgamma", features, oldGamma, newGamma);
      dbeta = call.updated("dbeta", features, oldBeta, newBeta);
      call.mayBe(dx, dy);
    }
  }
}
