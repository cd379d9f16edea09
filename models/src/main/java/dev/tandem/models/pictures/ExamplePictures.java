package dev.tandem.models.pictures;

import dev.tandem.datasets.detection.BoundingBox;
import dev.tandem.datasets.detection.ScoredBox;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Pictures of the data with what a model says of them. */
public final class ExamplePictures {
  private static final int RIGHT = 0x0062A3;
  private static final int WRONG = 0xBE4600;
  private static final int TILE_SIDE = 128;
  private static final int SCENE_SIDE = 640;
  private static final int LETTERS = 2;
  private static final int GAP = 10;

  /** Okabe and Ito's colours, and two between: people who confuse red and green tell them apart. */
  private static final int[] CLASS_COLOURS = {
    0xE69F00, 0x56B4E9, 0x009E73, 0xF0E442, 0x0072B2, 0xD55E00, 0xCC79A7, 0x8F6BD6, 0x7FC97F,
    0xA6761D
  };

  private static final int BLACK = 0x000000;
  private static final int WHITE = 0xFFFFFF;

  /**
   * A picture and what was said of it.
   *
   * @param picture {@code [C,H,W]}
   * @param caption lines below it, such as {@code "true 7"} and {@code "said 1 (93.2 %)"}
   * @param right whether the model was; tells the colour of the caption
   */
  public record Example(float[] picture, List<String> caption, boolean right) {}

  private ExamplePictures() {}

  /**
   * Pictures of one shape with captions.
   *
   * @param examples at least one
   * @throws IllegalArgumentException if a picture does not fill the shape
   */
  public static Canvas examples(
      String title, List<Example> examples, int channels, int height, int width) {
    int zoom = Math.max(1, TILE_SIDE / Math.max(height, width));
    List<Montage.Tile> tiles = new ArrayList<>();
    int widest = width * zoom;
    for (Example example : examples) {
      for (String line : example.caption()) {
        widest = Math.max(widest, Math.min(2 * TILE_SIDE, Lettering.width(line, LETTERS)));
      }
    }
    for (Example example : examples) {
      Canvas picture = Canvas.ofPicture(example.picture(), channels, height, width).zoomed(zoom);
      Canvas tile = new Canvas(widest, picture.height(), Montage.PAGE);
      tile.draw(picture, 0, 0);
      tiles.add(new Montage.Tile(tile, example.caption(), example.right() ? RIGHT : WRONG));
    }
    int columns = (int) Math.ceil(Math.sqrt(examples.size() * 1.6));
    return Montage.of(title, tiles, columns, LETTERS, null);
  }

  /**
   * A picture with boxes: found ones in the colour of their class with its name and the score, true
   * ones dashed. A small picture is enlarged.
   *
   * @param picture {@code [C,H,W]}
   * @param predicted in pixels of the picture
   * @param truth in pixels of the picture; empty if it is not known
   * @param classNames by class id
   * @throws IllegalArgumentException if the pixels do not fill the shape, or a class has no name
   */
  public static Canvas boxes(
      float[] picture,
      int channels,
      int height,
      int width,
      List<ScoredBox> predicted,
      List<BoundingBox> truth,
      List<String> classNames) {
    int zoom = Math.max(1, SCENE_SIDE / Math.max(height, width));
    Canvas scene = Canvas.ofPicture(picture, channels, height, width).zoomed(zoom);
    for (BoundingBox box : truth) {
      name(classNames, box);
      // Just outside, so that a found box that fits does not hide it.
      int left = edge(box.left(), zoom) - 2;
      int top = edge(box.top(), zoom) - 2;
      int wide = edge(box.right(), zoom) + 2 - left;
      int high = edge(box.bottom(), zoom) + 2 - top;
      scene.dashedFrame(left, top, wide, high, 4, WHITE, BLACK);
    }
    for (ScoredBox found : predicted) {
      BoundingBox box = found.box();
      int left = edge(box.left(), zoom);
      int top = edge(box.top(), zoom);
      scene.frame(
          left,
          top,
          edge(box.right(), zoom) - left,
          edge(box.bottom(), zoom) - top,
          2,
          colour(box));
    }
    // Labels last: no box crosses them.
    predicted.forEach(found -> label(scene, found, zoom, classNames));
    return withLegend(scene, predicted.size(), truth.size());
  }

  private static void label(Canvas scene, ScoredBox found, int zoom, List<String> classNames) {
    BoundingBox box = found.box();
    String score = String.format(Locale.ROOT, " %.0f%%", 100 * found.score());
    String text = Lettering.fitting(name(classNames, box), 1, 60) + score;
    int wide = Lettering.width(text, 1) + 4;
    int high = Lettering.LINE + 3;
    int left = Math.clamp(edge(box.left(), zoom), 0, Math.max(0, scene.width() - wide));
    int above = edge(box.top(), zoom) - high + 2;
    int top = Math.clamp(above, 0, Math.max(0, scene.height() - high));
    int rgb = colour(box);
    scene.fill(left, top, wide, high, rgb);
    scene.text(text, left + 2, top + 2, 1, isLight(rgb) ? BLACK : WHITE);
  }

  private static Canvas withLegend(Canvas scene, int found, int there) {
    String boxes = found + (found == 1 ? " box found" : " boxes found");
    String text = there == 0 ? boxes : boxes + ", " + there + " true (dashed)";
    int width = Math.max(scene.width(), Lettering.width(text, LETTERS) + 2 * GAP);
    int height = scene.height() + Lettering.LINE * LETTERS + 2 * GAP;
    Canvas page = new Canvas(width, height, Montage.PAGE);
    page.draw(scene, 0, 0);
    page.text(text, GAP, scene.height() + GAP, LETTERS, Montage.TEXT);
    return page;
  }

  private static int edge(double pixels, int zoom) {
    return (int) Math.round(Math.clamp(pixels, -1e6, 1e6) * zoom);
  }

  private static int colour(BoundingBox box) {
    return CLASS_COLOURS[box.classId() % CLASS_COLOURS.length];
  }

  private static boolean isLight(int rgb) {
    // The weights of red, green and blue in brightness, ITU-R BT.601.
    return 299 * (rgb >> 16) + 587 * (rgb >> 8 & 0xFF) + 114 * (rgb & 0xFF) > 128_000;
  }

  private static String name(List<String> classNames, BoundingBox box) {
    if (box.classId() >= classNames.size()) {
      throw new IllegalArgumentException(
          "class %d has no name, there are %d (give one for each class)"
              .formatted(box.classId(), classNames.size()));
    }
    return classNames.get(box.classId());
  }
}
