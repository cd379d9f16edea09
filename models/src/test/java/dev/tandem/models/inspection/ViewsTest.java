package dev.tandem.models.inspection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.detection.GridEncoding;
import dev.tandem.models.flow.FlowMoment;
import dev.tandem.models.pictures.Canvas;
import dev.tandem.models.pictures.ColorMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ViewsTest {
  private static final int FIRST_CLASS = 0xE69F00;
  private static final int SECOND_CLASS = 0x56B4E9;

  @Test
  void boxesThatTheLogitsHoldAreDrawn() {
    GridEncoding grid = new GridEncoding(64, 4, 1, 2);
    float[] boxes = {1, 8, 8, 16, 24, -1, 0, 0, 0, 0};
    float[] targets = new float[grid.length()];
    grid.encode(boxes, 0, 2, targets, 0, new float[grid.length()], 0);
    float[] logits = new float[targets.length];
    for (int i = 0; i < logits.length; i++) {
      double share = Math.clamp(targets[i], 0.001, 0.999);
      logits[i] = (float) Math.log(share / (1 - share));
    }

    Canvas page =
        BoxViews.of(
            HostArray.of(new float[64 * 64], 1, 1, 64, 64),
            logits,
            HostArray.of(boxes, 1, 2, 5),
            grid,
            List.of("red", "white"));

    assertThat(count(page, SECOND_CLASS)).isGreaterThan(2 * (160 + 240));
    assertThat(count(page, FIRST_CLASS)).isZero();
    // The frame: 10 pixels for each of the picture's, which is 64 wide.
    assertThat(page.pixel(80 + 1, 80 + 120)).isEqualTo(SECOND_CLASS);
    assertThat(page.pixel(80 + 160 - 1, 80 + 120)).isEqualTo(SECOND_CLASS);
  }

  @Test
  void mistakesAreShownOnlyIfThereAreSome() {
    Examples part =
        new Examples(
            HostArray.of(new float[3 * 4], 3, 1, 2, 2), HostArray.of(new int[] {0, 1, 1}, 3));
    HostArray probabilities = HostArray.of(new float[] {0.2f, 0.9f, 0.4f}, 3, 1);
    List<String> names = List.of("no", "yes");

    assertThat(ClassViews.of(part, new int[] {0, 1, 0}, probabilities, names))
        .containsOnlyKeys("confusion", "mistakes");
    assertThat(ClassViews.of(part, new int[] {0, 1, 1}, probabilities, names))
        .containsOnlyKeys("confusion");
  }

  @Test
  void rowsOfNumbersAreNoPictures() {
    Examples part =
        new Examples(HostArray.of(new float[3 * 4], 3, 4), HostArray.of(new int[] {0, 1, 1}, 3));
    HostArray probabilities = HostArray.of(new float[] {0.2f, 0.9f, 0.4f}, 3, 1);

    assertThat(ClassViews.of(part, new int[] {0, 1, 0}, probabilities, List.of("no", "yes")))
        .containsOnlyKeys("confusion");
  }

  @Test
  void flowIsDrawnForEveryMoment() {
    double[] norms = {1e-6, 1e-3, 1};
    double[][] saturation = {{1, 1, 1}};
    List<FlowMoment> moments =
        List.of(
            new FlowMoment("beginning", 0, List.of("hidden"), norms, saturation),
            new FlowMoment("end", 0, List.of("hidden"), norms, saturation));

    Map<String, Canvas> pictures = FlowViews.of("rnn", moments);

    assertThat(pictures).containsOnlyKeys("gradient-flow", "gradient-flow-map", "gate-saturation");
    assertThat(count(pictures.get("gate-saturation"), ColorMap.VIRIDIS.rgb(1)))
        .isGreaterThanOrEqualTo(6 * 39 * 39);
    assertThat(count(pictures.get("gradient-flow-map"), ColorMap.VIRIDIS.rgb(0.5)))
        .isGreaterThanOrEqualTo(2 * 39 * 39);
  }

  private static int count(Canvas canvas, int rgb) {
    int count = 0;
    for (int y = 0; y < canvas.height(); y++) {
      for (int x = 0; x < canvas.width(); x++) {
        count += canvas.pixel(x, y) == rgb ? 1 : 0;
      }
    }
    return count;
  }
}
