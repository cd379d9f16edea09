package dev.tandem.models.inspection;

import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.models.metrics.ConfusionMatrix;
import dev.tandem.models.pictures.Canvas;
import dev.tandem.models.pictures.ExamplePictures;
import dev.tandem.models.pictures.MatrixPictures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where a classifier is wrong. */
public final class ClassViews {
  /** More are no longer looked at one by one. */
  private static final int MOST_EXAMPLES = 40;

  private ClassViews() {}

  /**
   * A wrong answer.
   *
   * @param example its number in the part
   * @param probability of the class that was said
   * @param ofTruth the probability of the true class
   */
  private record Mistake(int example, int actual, int said, double probability, double ofTruth) {}

  /**
   * The confusion matrix, and of pictures those that were mistaken, the surest mistakes first.
   *
   * @param part the examples with class ids
   * @param classes what was said of each
   * @param probabilities {@code [N,K]}, or {@code [N,1]} of the second of two classes
   * @param classNames by class id
   */
  public static Map<String, Canvas> of(
      Examples part, int[] classes, HostArray probabilities, List<String> classNames) {
    ConfusionMatrix matrix = new ConfusionMatrix(classNames);
    List<Mistake> mistakes = new ArrayList<>();
    int[] actual = part.targets().ints();
    for (int i = 0; i < classes.length; i++) {
      matrix.add(actual[i], classes[i]);
      if (actual[i] != classes[i]) {
        mistakes.add(
            new Mistake(
                i,
                actual[i],
                classes[i],
                probability(probabilities, i, classes[i]),
                probability(probabilities, i, actual[i])));
      }
    }
    Map<String, Canvas> pictures = new LinkedHashMap<>();
    String accuracy =
        String.format(
            Locale.ROOT, "Accuracy %.4f of %d examples", matrix.accuracy(), classes.length);
    pictures.put("confusion", MatrixPictures.confusion(accuracy, matrix));
    if (!mistakes.isEmpty() && isPicture(part.inputs())) {
      mistakes.sort(Comparator.comparingDouble(mistake -> -mistake.probability()));
      pictures.put("mistakes", montage(part.inputs(), mistakes, classes.length, classNames));
    }
    return pictures;
  }

  private static double probability(HostArray probabilities, int example, int classId) {
    int columns = probabilities.exampleLength();
    float[] values = probabilities.floats();
    if (columns == 1) {
      return classId == 1 ? values[example] : 1 - values[example];
    }
    return values[example * columns + classId];
  }

  /** Returns whether examples are pictures {@code [C,H,W]}. */
  static boolean isPicture(HostArray inputs) {
    return inputs.isFloat() && inputs.exampleShape().length == 3;
  }

  private static Canvas montage(
      HostArray inputs, List<Mistake> mistakes, int all, List<String> classNames) {
    int[] shape = inputs.exampleShape();
    int shown = Math.min(MOST_EXAMPLES, mistakes.size());
    List<ExamplePictures.Example> examples = new ArrayList<>();
    for (Mistake mistake : mistakes.subList(0, shown)) {
      examples.add(
          new ExamplePictures.Example(
              inputs.select(new int[] {mistake.example()}).floats(),
              List.of(
                  "example " + mistake.example(),
                  line("said", classNames.get(mistake.said()), mistake.probability()),
                  line("true", classNames.get(mistake.actual()), mistake.ofTruth())),
              false));
    }
    String count = mistakes.size() == 1 ? "1 mistake" : mistakes.size() + " mistakes";
    String title = count + " in " + all + " examples";
    if (shown < mistakes.size()) {
      title += ", the " + shown + " surest";
    }
    return ExamplePictures.examples(title, examples, shape[0], shape[1], shape[2]);
  }

  private static String line(String what, String className, double probability) {
    return String.format(Locale.ROOT, "%s %s %.1f%%", what, className, 100 * probability);
  }
}
