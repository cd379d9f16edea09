package dev.tandem.models.selftest;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Conv2d;
import dev.tandem.engine.Conv2dSpec;
import dev.tandem.engine.Norms;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Convolution, pooling and normalisation. */
final class PictureChecks {
  private static final double EPSILON = 0x1p-10;

  private PictureChecks() {}

  static Map<String, List<Check>> families() {
    Map<String, List<Check>> families = new LinkedHashMap<>();
    families.put("conv2d", convolution());
    families.put("pool2d", pooling());
    families.put("norms", norms());
    return families;
  }

  private static List<Check> convolution() {
    return List.of(
            Conv2dSpec.of(1, 1, 1, 1, 1, 1, 1, 0),
            Conv2dSpec.of(2, 3, 8, 8, 4, 3, 1, 1),
            Conv2dSpec.of(3, 4, 9, 7, 6, 3, 2, 1),
            Conv2dSpec.of(2, 4, 10, 10, 8, 3, 1, 2).withDilation(2, 2),
            Conv2dSpec.of(2, 6, 8, 8, 6, 5, 1, 2).withGroups(3),
            Conv2dSpec.of(5, 16, 12, 12, 32, 3, 1, 1))
        .stream()
        .map(PictureChecks::convolution)
        .toList();
  }

  private static Check convolution(Conv2dSpec spec) {
    int[] input = spec.input().toArray();
    int[] filter = spec.filter().toArray();
    int[] output = spec.output().toArray();
    // The gradient of the filter sums over pictures and places, the others over channels and taps.
    int terms = output[0] * output[2] * output[3] + filter[0] * filter[1] * filter[2] * filter[3];
    return new Check(
        spec.toString(),
        terms,
        bench -> {
          Conv2d family = bench.backend().conv2d();
          Conv2d.Plan plan = family.plan(spec);
          Tensor workspace = bench.scratch(plan.workspaceElements());
          Tensor x = bench.random(input);
          Tensor w = bench.random(filter);
          Tensor dy = bench.random(output);
          Tensor bias = bench.random(output[1]);
          Tensor y = bench.result(output);
          family.forward(plan, x, w, bias, Activation.RELU, y, workspace);
          family.forward(plan, x, w, null, Activation.IDENTITY, bench.result(output), workspace);
          family.backwardData(plan, dy, w, bench.result(input), workspace);
          Tensor dw = bench.compared(bench.random(filter));
          family.backwardFilter(plan, x, dy, dw, workspace);
          family.backwardBias(plan, dy, bench.compared(bench.random(output[1])));
        });
  }

  private static List<Check> pooling() {
    List<Check> checks = new ArrayList<>();
    for (Pool2dSpec.Mode mode : Pool2dSpec.Mode.values()) {
      checks.add(pooling(Pool2dSpec.of(mode, 1, 1, 2, 2, 2, 2, 0)));
      checks.add(pooling(Pool2dSpec.of(mode, 3, 5, 9, 7, 3, 2, 1)));
      checks.add(pooling(Pool2dSpec.of(mode, 2, 16, 12, 12, 2, 2, 0)));
      checks.add(pooling(Pool2dSpec.of(mode, 2, 3, 8, 8, 3, 1, 1)));
    }
    checks.add(pooling(Pool2dSpec.globalAverage(3, 5, 7, 6)));
    return checks;
  }

  private static Check pooling(Pool2dSpec spec) {
    int[] input = spec.input().toArray();
    int[] output = spec.output().toArray();
    return new Check(
        spec.toString(),
        input[2] * input[3],
        bench -> {
          Tensor x = bench.random(input);
          Tensor y = bench.result(output);
          bench.backend().pool2d().forward(spec, x, y);
          Tensor dy = bench.random(output);
          bench.backend().pool2d().backward(spec, x, y, dy, bench.result(input));
        });
  }

  private static List<Check> norms() {
    List<Check> checks = new ArrayList<>();
    for (int[] shape : new int[][] {{8, 3}, {4, 5, 6, 7}, {16, 33, 4, 4}, {200, 65}}) {
      checks.add(batchNorm(shape));
    }
    for (int[] shape : new int[][] {{1, 8}, {33, 10}, {5, 1025}}) {
      checks.add(layerNorm(shape));
    }
    return checks;
  }

  private static Check batchNorm(int[] shape) {
    int channels = shape[1];
    int elements = IntStream.of(shape).reduce(1, Math::multiplyExact);
    return new Check(
        "batchNorm " + Arrays.toString(shape),
        elements / channels,
        bench -> {
          Norms family = bench.backend().norms();
          Tensor x = bench.random(shape);
          Tensor gamma = bench.positive(channels);
          Tensor beta = bench.random(channels);
          Tensor runningMean = bench.compared(bench.random(channels));
          Tensor runningVariance = bench.compared(bench.positive(channels));
          Tensor mean = bench.result(channels);
          Tensor deviation = bench.result(channels);
          family.batchNormTrain(
              EPSILON,
              0.125,
              x,
              gamma,
              beta,
              runningMean,
              runningVariance,
              bench.result(shape),
              mean,
              deviation);
          family.batchNormInfer(
              EPSILON, x, gamma, beta, runningMean, runningVariance, bench.result(shape));
          family.batchNormBackward(
              x,
              gamma,
              mean,
              deviation,
              bench.random(shape),
              bench.result(shape),
              bench.compared(bench.random(channels)),
              bench.compared(bench.random(channels)));
        });
  }

  private static Check layerNorm(int[] shape) {
    int rows = shape[0];
    int features = shape[1];
    return new Check(
        "layerNorm %dx%d".formatted(rows, features),
        rows + features,
        bench -> {
          Norms family = bench.backend().norms();
          Tensor x = bench.random(shape);
          Tensor gamma = bench.positive(features);
          Tensor mean = bench.result(rows);
          Tensor deviation = bench.result(rows);
          family.layerNorm(
              EPSILON, x, gamma, bench.random(features), bench.result(shape), mean, deviation);
          family.layerNormBackward(
              x,
              gamma,
              mean,
              deviation,
              bench.random(shape),
              bench.result(shape),
              bench.compared(bench.random(features)),
              bench.compared(bench.random(features)));
        });
  }
}
