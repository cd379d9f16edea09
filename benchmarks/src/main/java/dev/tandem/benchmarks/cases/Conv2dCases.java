package dev.tandem.benchmarks.cases;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Conv2d;
import dev.tandem.engine.Conv2dSpec;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.Tensor;
import java.util.List;
import java.util.Locale;

/** Convolutions and pooling of pictures. */
public final class Conv2dCases {
  private Conv2dCases() {}

  /**
   * A convolution of square pictures in one direction.
   *
   * @param shape batch, channels, side, filters, kernel, stride, padding, groups
   * @param direction {@code forward} with bias and ReLU, {@code backwardData}, {@code
   *     backwardFilter} or {@code backwardBias}
   */
  public static OperationCase convolution(String shape, String direction) {
    int[] s = Sizes.parse(shape, "batchxchannelsxsidexfiltersxkernelxstridexpaddingxgroups");
    Conv2dSpec spec =
        Conv2dSpec.of(s[0], s[1], s[2], s[2], s[3], s[4], s[5], s[6]).withGroups(s[7]);
    double x = spec.input().elements();
    double w = spec.filter().elements();
    double y = spec.output().elements();
    Work work =
        switch (direction) {
          case "forward" -> Work.of(spec.flops() + 2 * y, x + w + spec.outChannels(), y);
          case "backwardData" -> Work.of(spec.flops(), y + w, x);
          case "backwardFilter" -> Work.of(spec.flops(), x + y + w, w);
          case "backwardBias" -> Work.of(y, y, spec.outChannels());
          default ->
              throw new IllegalArgumentException(
                  "direction is '%s' (give forward, backwardData, backwardFilter or backwardBias)"
                      .formatted(direction));
        };
    return new OperationCase(
        Suite.OPS,
        "conv2d %s %s".formatted(shape, direction),
        work,
        spec,
        operands -> convolution(spec, direction, operands));
  }

  private static OperationCase.Call convolution(Conv2dSpec spec, String direction, Operands on) {
    Conv2d conv = on.backend().conv2d();
    Conv2d.Plan plan = conv.plan(spec);
    Tensor x = on.random(spec.input().toArray());
    Tensor w = on.random(spec.filter().toArray());
    Tensor y = on.random(spec.output().toArray());
    Tensor bias = on.random(spec.outChannels());
    Tensor space = on.zeros((int) plan.workspaceElements());
    return switch (direction) {
      case "forward" ->
          new OperationCase.Call(
              () -> conv.forward(plan, x, w, bias, Activation.RELU, y, space),
              () -> on.values(y),
              List.of(x, w, bias));
      case "backwardData" ->
          new OperationCase.Call(
              () -> conv.backwardData(plan, y, w, x, space), () -> on.values(x), List.of(y, w));
      case "backwardFilter" ->
          new OperationCase.Call(
              () -> conv.backwardFilter(plan, x, y, w, space), () -> on.values(w), List.of(x, y));
      default ->
          new OperationCase.Call(
              () -> conv.backwardBias(plan, y, bias), () -> on.values(bias), List.of(y));
    };
  }

  /**
   * Pooling of square pictures.
   *
   * @param shape batch, channels, side, kernel, stride, padding
   * @param mode what becomes of a window
   * @param backward whether the gradient of the input is computed
   */
  public static OperationCase pooling(String shape, Pool2dSpec.Mode mode, boolean backward) {
    int[] s = Sizes.parse(shape, "batchxchannelsxsidexkernelxstridexpadding");
    Pool2dSpec spec = Pool2dSpec.of(mode, s[0], s[1], s[2], s[2], s[3], s[4], s[5]);
    double x = spec.input().elements();
    double y = spec.output().elements();
    double flops = y * s[3] * s[3];
    boolean largest = mode == Pool2dSpec.Mode.MAX;
    return new OperationCase(
        Suite.OPS,
        "pool2d %s %s %s"
            .formatted(
                shape, mode.name().toLowerCase(Locale.ROOT), backward ? "backward" : "forward"),
        backward ? Work.of(flops, largest ? x + 2 * y : y, x) : Work.of(flops, x, y),
        spec,
        operands -> pooling(spec, backward, operands));
  }

  private static OperationCase.Call pooling(Pool2dSpec spec, boolean backward, Operands on) {
    Tensor x = on.random(spec.input().toArray());
    Tensor y = on.random(spec.output().toArray());
    if (!backward) {
      return new OperationCase.Call(
          () -> on.backend().pool2d().forward(spec, x, y), () -> on.values(y), List.of(x));
    }
    on.backend().pool2d().forward(spec, x, y);
    Tensor dy = on.random(spec.output().toArray());
    Tensor dx = on.zeros(spec.input().toArray());
    return new OperationCase.Call(
        () -> on.backend().pool2d().backward(spec, x, y, dy, dx),
        () -> on.values(dx),
        List.of(x, y, dy));
  }
}
