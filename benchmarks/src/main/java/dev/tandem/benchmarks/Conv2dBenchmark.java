package dev.tandem.benchmarks;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Conv2d;
import dev.tandem.engine.Conv2dSpec;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Tensor;
import org.openjdk.jmh.annotations.Param;

/** Convolutions of the layers of networks for grey and for coloured pictures, in all directions. */
public class Conv2dBenchmark extends OperationBenchmark {
  /** Batch, channels, height = width, filters, kernel, stride, padding, groups. */
  @Param({
    "64x1x28x32x3x1x1x1",
    "64x32x14x64x3x1x1x1",
    "64x3x32x32x3x1x1x1",
    "64x32x32x64x3x2x1x1",
    "64x64x16x64x3x1x1x1",
    "64x64x16x128x1x1x0x1",
    "64x128x8x128x3x1x1x1",
    "64x64x16x64x3x1x1x64"
  })
  public String shape;

  /** What is computed. */
  @Param({"forward", "backwardData", "backwardFilter", "backwardBias"})
  public String direction;

  @Override
  Call prepare(Bench onBackend) {
    String[] parts = shape.split("x");
    int[] s = new int[parts.length];
    for (int i = 0; i < s.length; i++) {
      s[i] = Integer.parseInt(parts[i]);
    }
    Conv2dSpec spec =
        Conv2dSpec.of(s[0], s[1], s[2], s[2], s[3], s[4], s[5], s[6]).withGroups(s[7]);
    Conv2d conv = onBackend.backend().conv2d();
    Conv2d.Plan plan = conv.plan(spec);
    Tensor x = onBackend.random(spec.input().toArray());
    Tensor w = onBackend.random(spec.filter().toArray());
    Tensor y = onBackend.random(spec.output().toArray());
    Tensor bias = onBackend.random(spec.outChannels());
    Tensor workspace = onBackend.zeros(DataType.FLOAT32, (int) plan.workspaceElements());
    return switch (direction) {
      case "forward" ->
          new Call(() -> conv.forward(plan, x, w, bias, Activation.RELU, y, workspace), y);
      case "backwardData" -> new Call(() -> conv.backwardData(plan, y, w, x, workspace), x);
      case "backwardFilter" -> new Call(() -> conv.backwardFilter(plan, x, y, w, workspace), w);
      case "backwardBias" -> new Call(() -> conv.backwardBias(plan, y, bias), bias);
      default ->
          throw new IllegalArgumentException(
              "direction is '%s' (give forward, backwardData, backwardFilter or backwardBias)"
                  .formatted(direction));
    };
  }
}
