package dev.tandem.models.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.models.metrics.ConfusionMatrix;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class HtmlReportTest {
  private static final String HOSTILE = "</td></style><script>alert('x')</script>\"&\u0000";

  @Test
  void everyTextIsEscapedWhereverItStands() throws Exception {
    ConfusionMatrix matrix = new ConfusionMatrix(List.of(HOSTILE, "b"));
    matrix.add(0, 1);
    Document page =
        parse(
            new HtmlReport(HOSTILE, HOSTILE)
                .add(new NotesSection(HOSTILE, List.of(HOSTILE), List.of(HOSTILE)))
                .add(TableSection.of(HOSTILE, Map.of(HOSTILE, HOSTILE)))
                .add(new TableSection(HOSTILE, List.of(HOSTILE), List.of(List.of(HOSTILE))))
                .add(TableSection.ofMetrics("m", Map.of(HOSTILE, Map.of(HOSTILE, 1.0))))
                .add(TableSection.ofScores("s", matrix))
                .add(new ConfusionSection(HOSTILE, matrix))
                .add(
                    new ChartSection(
                        HOSTILE,
                        List.of(
                            new LineChart(HOSTILE, HOSTILE)
                                .series(HOSTILE, new double[] {1}, new double[] {1})))));
    assertThat(page.getElementsByTagName("script").getLength()).isZero();
    assertThat(page.getElementsByTagName("h2").item(0).getTextContent())
        .isEqualTo(HOSTILE.replace('\u0000', '\ufffd'));
  }

  @Test
  void nothingPointsOutsideThePage() {
    String page = new HtmlReport("title", "subtitle").add(TableSection.of("a", Map.of())).render();
    assertThat(page).doesNotContain("http", "src=", "href=", "url(", "@import");
  }

  @Test
  void drawsEverySeries() throws Exception {
    double[] epochs = {1, 2, 3};
    Document page =
        chart(
            new LineChart("loss", "epoch")
                .series("training", epochs, new double[] {1, 0.5, 0.25})
                .series("validation", epochs, new double[] {2, 1, 1.5}));
    assertThat(paths(page)).hasSize(2);
    assertThat(paths(page).get(0)).matches("M[\\d. ]+L[\\d. ]+L[\\d. ]+");
    assertThat(page.getElementsByTagName("circle").getLength()).isEqualTo(6);
    assertThat(page.getElementsByTagName("li").getLength()).isEqualTo(2);
    assertThat(page.getElementsByTagName("circle").item(5).getTextContent())
        .isEqualTo("validation at 3: 1.5");
  }

  @Test
  void valuesThatAreNotFiniteLeaveAGapAndAreCounted() throws Exception {
    double[] epochs = {1, 2, 3, 4, 5};
    double[] losses = {1, 2, Double.NaN, 1e300, 3};
    Document page = chart(new LineChart("loss", "epoch").series("training", epochs, losses));
    assertThat(paths(page)).singleElement().asString().matches("M[\\d. ]+L[\\d. ]+M[\\d. ]+");
    assertThat(page.getElementsByTagName("li").item(0).getTextContent())
        .isEqualTo("training (2 not finite)");
  }

  @Test
  void emptySeriesDoNotBreakThePage() throws Exception {
    Document nothing = chart(new LineChart("loss", "epoch"));
    assertThat(nothing.getElementsByTagName("p").item(1).getTextContent())
        .isEqualTo("no values to draw");
    Document onlyNaN =
        chart(
            new LineChart("loss", "epoch")
                .series("empty", new double[0], new double[0])
                .series("training", new double[] {1}, new double[] {Double.NaN}));
    assertThat(onlyNaN.getElementsByTagName("p").item(1).getTextContent())
        .isEqualTo("no values to draw");
    Document half =
        chart(
            new LineChart("loss", "epoch")
                .series("empty", new double[0], new double[0])
                .series("training", new double[] {1}, new double[] {0}));
    assertThat(paths(half)).hasSize(1);
  }

  @Test
  void longSeriesAreNotMarked() throws Exception {
    double[] steps = IntStream.range(0, 1000).asDoubleStream().toArray();
    Document page = chart(new LineChart("loss", "step").series("training", steps, steps));
    assertThat(page.getElementsByTagName("circle").getLength()).isZero();
  }

  @Test
  void refusesSeriesAndRowsThatDoNotFit() {
    LineChart chart = new LineChart("loss", "epoch");
    assertThatThrownBy(() -> chart.series("a", new double[1], new double[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("series a has 1 positions and 2 values");
    assertThatThrownBy(() -> new TableSection("t", List.of("a", "b"), List.of(List.of("only one"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("table t has 2 columns, a row has 1 cells");
  }

  @Test
  void metricsOfAllPartsShareATable() throws Exception {
    Map<String, Map<String, Double>> parts = new LinkedHashMap<>();
    parts.put("train", Map.of("loss", 0.5));
    parts.put("validation", Map.of());
    parts.put("test", Map.of("loss", Double.NaN));
    Document page = parse(new HtmlReport("t", "s").add(TableSection.ofMetrics("Metrics", parts)));
    Element row = (Element) page.getElementsByTagName("tr").item(1);
    assertThat(row.getTextContent()).isEqualTo("loss" + "0.5000" + Html.ABSENT + "NaN");
    assertThat(((Element) row.getElementsByTagName("td").item(0)).getAttribute("class"))
        .isEqualTo("number");
  }

  @Test
  void theHeatTableShowsSharesOfTheActualClass() throws Exception {
    ConfusionMatrix matrix = new ConfusionMatrix(List.of("cat", "dog"));
    IntStream.range(0, 3).forEach(example -> matrix.add(0, 0));
    matrix.add(0, 1);
    Document page = parse(new HtmlReport("t", "s").add(new ConfusionSection("Confusion", matrix)));
    Element hit = (Element) page.getElementsByTagName("td").item(1);
    assertThat(hit.getAttribute("class")).isEqualTo("hit strong");
    assertThat(hit.getAttribute("style")).isEqualTo("--share:0.750");
    Element miss = (Element) page.getElementsByTagName("td").item(2);
    assertThat(miss.getAttribute("class")).isEqualTo("miss");
    assertThat(miss.getAttribute("title")).isEqualTo("1 of cat predicted as dog");
    assertThat(page.getElementsByTagName("td").item(3).getTextContent()).isEmpty();
  }

  private static Document chart(LineChart chart) throws Exception {
    return parse(new HtmlReport("t", "s").add(new ChartSection("Charts", List.of(chart))));
  }

  /** The lines of the chart, without the samples in the legend. */
  private static List<String> paths(Document page) {
    return IntStream.range(0, page.getElementsByTagName("path").getLength())
        .mapToObj(index -> (Element) page.getElementsByTagName("path").item(index))
        .filter(path -> !((Element) path.getParentNode()).getAttribute("role").isEmpty())
        .map(path -> path.getAttribute("d"))
        .toList();
  }

  private static Document parse(HtmlReport report) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(report.render())));
  }
}
