package dev.tandem.models.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Against scikit-learn; {@code src/test/python/make_metric_goldens.py} wrote the values. */
class MetricGoldensTest {
  /** Both sides compute in double; only the order of a few dozen additions differs. */
  private static final double TOLERANCE = 1e-12;

  @TestFactory
  Stream<DynamicTest> classification() throws IOException {
    return cases("classification")
        .map(golden -> DynamicTest.dynamicTest(name(golden), () -> checkClassification(golden)));
  }

  @TestFactory
  Stream<DynamicTest> regression() throws IOException {
    return cases("regression")
        .map(golden -> DynamicTest.dynamicTest(name(golden), () -> checkRegression(golden)));
  }

  private static void checkClassification(JsonNode golden) {
    int classes = golden.get("classes").asInt();
    ConfusionMatrix matrix =
        new ConfusionMatrix(IntStream.range(0, classes).mapToObj(index -> "c" + index).toList());
    for (int example = 0; example < golden.get("actual").size(); example++) {
      matrix.add(
          golden.get("actual").get(example).asInt(), golden.get("predicted").get(example).asInt());
    }
    for (int actual = 0; actual < classes; actual++) {
      for (int predicted = 0; predicted < classes; predicted++) {
        assertThat(matrix.count(actual, predicted))
            .isEqualTo(golden.get("confusion").get(actual).get(predicted).asLong());
      }
      JsonNode perClass = golden.get("perClass");
      ClassScores scores = matrix.scores(actual);
      assertClose(scores.precision(), perClass.get(0).get(actual));
      assertClose(scores.recall(), perClass.get(1).get(actual));
      assertClose(scores.f1(), perClass.get(2).get(actual));
    }
    assertClose(matrix.accuracy(), golden.get("accuracy"));
    assertScores(matrix.macro(), golden.get("macro"));
    assertScores(matrix.micro(), golden.get("micro"));
    assertScores(matrix.weighted(), golden.get("weighted"));
    assertThat(matrix.metrics().keySet()).containsExactly("accuracy", "precision", "recall", "f1");
    assertThat(matrix.metrics().values())
        .containsExactly(
            matrix.accuracy(),
            matrix.macro().precision(),
            matrix.macro().recall(),
            matrix.macro().f1());
  }

  private static void checkRegression(JsonNode golden) {
    int targets = golden.get("actual").get(0).size();
    double largest = 1;
    RegressionMetrics metrics = new RegressionMetrics(targets);
    for (int example = 0; example < golden.get("actual").size(); example++) {
      float[] actual = floats(golden.get("actual").get(example));
      metrics.add(actual, floats(golden.get("predicted").get(example)));
      for (float value : actual) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    assertThat(metrics.metrics().keySet()).containsExactly("mae", "mse", "rmse", "r2");
    // The errors are of order 1: rounding of a larger value, or of its mean, is that much larger.
    double tolerance = TOLERANCE * largest;
    metrics
        .metrics()
        .forEach(
            (key, value) ->
                assertThat(value).isCloseTo(golden.get(key).asDouble(), within(tolerance)));
  }

  private static void assertScores(ClassScores actual, JsonNode expected) {
    assertClose(actual.precision(), expected.get(0));
    assertClose(actual.recall(), expected.get(1));
    assertClose(actual.f1(), expected.get(2));
  }

  private static void assertClose(double actual, JsonNode expected) {
    assertThat(actual).isCloseTo(expected.asDouble(), within(TOLERANCE));
  }

  private static float[] floats(JsonNode row) {
    float[] values = new float[row.size()];
    for (int index = 0; index < values.length; index++) {
      values[index] = (float) row.get(index).asDouble();
    }
    return values;
  }

  private static String name(JsonNode golden) {
    return golden.get("name").asString();
  }

  private static Stream<JsonNode> cases(String kind) throws IOException {
    try (InputStream input = MetricGoldensTest.class.getResourceAsStream("metric_goldens.json")) {
      JsonNode cases = new ObjectMapper().readTree(input).get(kind);
      return StreamSupport.stream(cases.spliterator(), false);
    }
  }
}
