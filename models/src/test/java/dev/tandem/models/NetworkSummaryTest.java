package dev.tandem.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class NetworkSummaryTest {
  private static final Network ANN =
      Presets.get("ann")
          .build(new Presets.Data(Shape.of(28, 28), DataType.FLOAT32, 0, 10), Presets.Options.NONE);

  @Test
  void tableOfTheAnn() {
    assertThat(NetworkSummary.of(ANN).text())
        .isEqualTo(
            """
            ann
            layer     type     output     parameters    FLOPs    bytes
            input              [N,28,28]                         3,136
            flatten1  flatten  [N,784]             0        0        0
            fc1       linear   [N,128]       100,480  200,832  402,432
            act1      relu     [N,128]             0      128        0
            fc2       linear   [N,128]        16,512   32,896   66,560
            act2      relu     [N,128]             0      128        0
            fc3       linear   [N,10]          1,290    2,570    5,200
            parameters: 118,282, trained 118,282
            FLOPs per example: 236,554 forward, about 709,662 in a training step
            """);
  }

  @Test
  void blocksShowTheirLayersIndented() {
    Network network =
        Network.builder("blocks", Shape.of(6))
            .residual(block -> block.linear(4).batchNorm1d().linear(6))
            .linear(2)
            .build();

    assertThat(NetworkSummary.of(network).text())
        .startsWith(
            """
            blocks
            layer         type         output  parameters  FLOPs  bytes
            input                      [N,6]                         24
            block1        residual     [N,6]            0      6     24
              block1.fc1  linear       [N,4]           28     52    128
              block1.bn1  batchnorm1d  [N,4]           16     32     80
              block1.fc2  linear       [N,6]           30     54    144
            fc1           linear       [N,2]           14     26     64
            parameters: 88, trained 80
            """);
  }

  @Test
  void rowsAddUp() {
    Network network =
        Network.builder("blocks", Shape.of(6))
            .residual(block -> block.linear(4).batchNorm1d().linear(6))
            .build();
    NetworkSummary summary = NetworkSummary.of(network);

    assertThat(summary.rows().stream().mapToLong(NetworkSummary.Row::parameters).sum())
        .isEqualTo(summary.trained() + summary.buffers());
    assertThat(summary.flops()).isEqualTo(network.layers().get(0).flops(network.input()));
  }

  @Test
  void localeDoesNotMatter() {
    String expected = NetworkSummary.of(ANN).text();
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG"));
      assertThat(NetworkSummary.of(ANN).text()).isEqualTo(expected);
    } finally {
      Locale.setDefault(before);
    }
  }
}
