package dev.tandem.models.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.datasets.detection.BoundingBox;
import dev.tandem.datasets.detection.ScoredBox;
import dev.tandem.models.metrics.ConfusionMatrix;
import dev.tandem.models.pictures.ExamplePictures.Example;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What must be seen in the pictures: colours at places, not the arrangement of every pixel. */
class PicturesTest {
  private static final int BLUE_END = ColorMap.DIVERGING.rgb(0);
  private static final int RED_END = ColorMap.DIVERGING.rgb(1);
  private static final int ORANGE = 0xE69F00;

  @Test
  void filtersOfOneChannelShowSignsOnOneScale() {
    float[] w = {-2, 2, 0, 1, 0, 0, 0, 0};
    Canvas picture = LayerPictures.filters("conv1", w, 2, 1, 2, 2);
    // The scale below the filters has both ends' colours again, in bars of one pixel.
    assertThat(count(picture, BLUE_END)).isGreaterThan(28 * 28);
    assertThat(count(picture, RED_END)).isGreaterThan(28 * 28);
    assertThat(count(picture, ColorMap.DIVERGING.rgb(0.75))).isGreaterThanOrEqualTo(28 * 28);
    assertThat(count(picture, ColorMap.DIVERGING.rgb(0.5))).isGreaterThanOrEqualTo(5 * 28 * 28);
  }

  @Test
  void filtersOfThreeChannelsAreInTheirColours() {
    float[] w = {1, -1, -1};
    assertThat(count(LayerPictures.filters("conv1", w, 1, 3, 1, 1), 0xFF0000)).isEqualTo(56 * 56);
    float[] dead = {0, 0, 0};
    assertThat(count(LayerPictures.filters("conv1", dead, 1, 3, 1, 1), 0x808080))
        .isEqualTo(56 * 56);
  }

  @Test
  void filtersOfManyChannelsAreAMatrixOfBoundedSize() {
    float[] w = new float[512 * 512 * 9];
    w[0] = 1;
    Canvas picture = LayerPictures.filters("conv9", w, 512, 512, 3, 3);
    assertThat(picture.width()).isBetween(32 * 24, 1100);
    assertThat(picture.height()).isBetween(32 * 24, 1100);
  }

  @Test
  void sharesHaveTheSameColoursInEveryPicture() {
    double[][] none = {{0, 0}};
    Canvas silent = MatrixPictures.shares("gates", none, List.of("input"), List.of("1", "2"));
    double[][] half = {{0.5, 0.5}};
    Canvas middle = MatrixPictures.shares("gates", half, List.of("input"), List.of("1", "2"));
    // A cell of 40 pixels less a gap; the scale has one pixel column of each colour.
    assertThat(count(silent, ColorMap.VIRIDIS.rgb(0))).isGreaterThanOrEqualTo(2 * 39 * 39);
    assertThat(count(middle, ColorMap.VIRIDIS.rgb(0.5))).isGreaterThanOrEqualTo(2 * 39 * 39);
  }

  @Test
  void linesOnALogarithmicAxisGoStraightIfTheNumbersHalve() {
    double[] halving = {1, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625};
    Canvas page =
        LinePictures.logarithmic("halving", "t", List.of(new LinePictures.Line("end", halving)));
    // The heights at which the line crosses the columns of its points, in equal steps.
    int rgb = 0x0072B2;
    int first = column(page, rgb);
    int[] heights = new int[halving.length];
    for (int i = 0; i < heights.length; i++) {
      heights[i] = height(page, first + 1 + i * 759 / 8, rgb);
    }
    for (int i = 1; i < heights.length; i++) {
      assertThat(heights[i] - heights[i - 1]).isBetween(40, 45);
    }
  }

  @Test
  void numbersWithoutALogarithmLeaveAGap() {
    double[] gap = {1, 0, Double.NaN, 10};
    Canvas page = LinePictures.logarithmic("gap", "t", List.of(new LinePictures.Line("", gap)));
    // Two dots of 3 x 3 pixels, and the line of the legend.
    assertThat(count(page, 0x0072B2)).isEqualTo(2 * 9 + 36 * 3);
  }

  private static int column(Canvas page, int rgb) {
    return IntStream.range(0, page.width())
        .filter(x -> height(page, x, rgb) >= 0)
        .findFirst()
        .orElseThrow();
  }

  private static int height(Canvas page, int x, int rgb) {
    return IntStream.range(0, page.height())
        .filter(y -> page.pixel(x, y) == rgb)
        .findFirst()
        .orElse(-1);
  }

  @Test
  void silentFeatureMapLooksSilent() {
    float[] y = {0, 0, 0, 0, 0, 1, 2, 4};
    Canvas picture = LayerPictures.featureMaps("conv1", y, 2, 2, 2);
    assertThat(count(picture, ColorMap.VIRIDIS.rgb(0))).isGreaterThanOrEqualTo(5 * 56 * 56);
    assertThat(count(picture, ColorMap.VIRIDIS.rgb(0.5))).isGreaterThanOrEqualTo(56 * 56);
    assertThat(count(picture, ColorMap.VIRIDIS.rgb(1))).isGreaterThanOrEqualTo(56 * 56);
  }

  @Test
  void numbersThatAreNotFiniteAreSeen() {
    float[] y = {Float.NaN, 0, 1, 0};
    assertThat(count(LayerPictures.featureMaps("conv1", y, 1, 2, 2), ColorMap.NOT_A_NUMBER))
        .isEqualTo(56 * 56);
  }

  @Test
  void layersRefuseNumbersOfAnotherShape() {
    assertThatThrownBy(() -> LayerPictures.filters("conv1", new float[8], 2, 1, 3, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("8 numbers are no filters [2, 1, 3, 3] (give the layer's own, at least one)");
    assertThatThrownBy(() -> LayerPictures.featureMaps("conv1", new float[0], 0, 3, 3))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void boxesAreWhereTheyShouldBe() {
    BoundingBox box = new BoundingBox(0, 8, 16, 24, 32);
    Canvas picture =
        ExamplePictures.boxes(
            new float[64 * 64],
            1,
            64,
            64,
            List.of(new ScoredBox(box, 0.9)),
            List.of(box),
            List.of("cat"));
    // Ten times as large: the outline's first and last pixels, and black within and outside.
    assertThat(picture.pixel(80, 300)).isEqualTo(ORANGE);
    assertThat(picture.pixel(319, 300)).isEqualTo(ORANGE);
    assertThat(picture.pixel(200, 160)).isEqualTo(ORANGE);
    assertThat(picture.pixel(200, 479)).isEqualTo(ORANGE);
    assertThat(picture.pixel(200, 300)).isZero();
    assertThat(picture.pixel(320, 300)).isZero();
    // The true box beside it, in dashes of white and black.
    assertThat(IntStream.range(170, 470).map(y -> picture.pixel(78, y)).distinct())
        .containsExactlyInAnyOrder(0xFFFFFF, 0);
  }

  @Test
  void boxesMayStickOutAndBeEmpty() {
    List<ScoredBox> found =
        List.of(
            new ScoredBox(new BoundingBox(0, -50, -50, 1000, 1000), 1),
            new ScoredBox(new BoundingBox(11, 3, 3, 0, 0), 0.5),
            new ScoredBox(new BoundingBox(0, 1e12, 1e12, 1e12, 1e12), 0.5));
    List<String> names = Collections.nCopies(12, "a class with a name that is far too long");
    Canvas picture = ExamplePictures.boxes(new float[3 * 8 * 4], 3, 8, 4, found, List.of(), names);
    assertThat(picture.height()).isGreaterThan(640);
    assertThatThrownBy(
            () -> ExamplePictures.boxes(new float[32], 1, 8, 4, found, List.of(), List.of("cat")))
        .hasMessage("class 11 has no name, there are 1 (give one for each class)");
  }

  @Test
  void examplesTellRightFromWrong() {
    Example right = new Example(new float[4], List.of("true 1", "said 1 (99.0 %)"), true);
    Example wrong = new Example(new float[4], List.of("true 1", "said 7 (51.0 %)"), false);
    Canvas picture = ExamplePictures.examples("two", List.of(right, wrong), 1, 2, 2);
    assertThat(count(picture, 0)).isEqualTo(2 * 128 * 128);
    assertThat(count(picture, 0x0062A3)).isPositive();
    assertThat(count(picture, 0xBE4600)).isPositive();
  }

  @Test
  void confusionShowsSharesOfTheRow() {
    ConfusionMatrix matrix = new ConfusionMatrix(List.of("cat", "dog", "eel"));
    IntStream.range(0, 3).forEach(i -> matrix.add(0, 0));
    matrix.add(1, 0);
    Canvas picture = MatrixPictures.confusion("three", matrix);
    // All cats right: full blue. All dogs wrong: full orange. No eels: nothing.
    assertThat(count(picture, 0x0062A3)).isGreaterThan(1000);
    assertThat(count(picture, 0xBE4600)).isGreaterThan(1000);
    assertThat(count(picture, 0xF6F8FA)).isEqualTo(7 * 39 * 39);
  }

  @Test
  void confusionOfManyClassesStaysSmall() {
    List<String> names = IntStream.range(0, 1000).mapToObj(i -> "class " + i).toList();
    Canvas picture = MatrixPictures.confusion("many", new ConfusionMatrix(names));
    assertThat(picture.width()).isBetween(4000, 4300);
  }

  @Test
  void heatMapShowsNumbersAndWhatIsNone() {
    double[][] values = {{-3, -2}, {-1, Double.NaN}};
    Canvas picture =
        MatrixPictures.heatMap("gradients", values, List.of("conv1", "head"), List.of("0", "1"));
    assertThat(count(picture, ColorMap.VIRIDIS.rgb(0))).isGreaterThanOrEqualTo(39 * 39);
    assertThat(count(picture, ColorMap.VIRIDIS.rgb(0.5))).isGreaterThanOrEqualTo(39 * 39);
    assertThat(count(picture, ColorMap.VIRIDIS.rgb(1))).isGreaterThanOrEqualTo(39 * 39);
    assertThat(count(picture, ColorMap.NOT_A_NUMBER)).isEqualTo(39 * 39);
    assertThatThrownBy(() -> MatrixPictures.heatMap("g", values, List.of("a"), List.of("0", "1")))
        .hasMessage(
            "2 rows of numbers do not fit 1 x 2 labels (give one label for each row and column)");
  }

  @Test
  void heatMapOfManyStepsStaysReadable() {
    double[][] values = new double[30][5000];
    List<String> rows = IntStream.range(0, 30).mapToObj(i -> "layer " + i).toList();
    List<String> columns = IntStream.range(0, 5000).mapToObj(i -> "" + i).toList();
    Canvas picture = MatrixPictures.heatMap("long", values, rows, columns);
    assertThat(picture.width()).isBetween(5000, 5300);
    assertThat(picture.height()).isBetween(600, 1200);
  }

  private static long count(Canvas canvas, int rgb) {
    return count(canvas, colour -> colour == rgb);
  }

  private static long count(Canvas canvas, IntPredicate condition) {
    return IntStream.range(0, canvas.width() * canvas.height())
        .map(i -> canvas.pixel(i % canvas.width(), i / canvas.width()))
        .filter(condition)
        .count();
  }
}
