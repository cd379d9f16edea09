package dev.tandem.datasets.detection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How boxes stand in the output of a one-stage detector: the picture is cut into cells, and each
 * cell answers for the things whose centre lies in it or near it. The output is {@code
 * [A*(5+K),S,S]} logits: for each of A slots the planes x, y, width, height, objectness, and K
 * classes. One weighted sigmoid cross-entropy over all of it trains the detector.
 *
 * <p>With s = sigmoid of the logit, c the cell's column or row and d the cell's side:
 *
 * <pre>
 *   centre = (c + 2 s - 0.5) d      width = side s^2      score = s(objectness) max_k s(class k)
 * </pre>
 *
 * <p>A centre may lie half a cell outside, so that no thing at the edge of a cell needs a logit
 * without end; and so each thing is learned by the two nearest neighbours of its cell as well
 * (Jocher 2020, YOLOv5), three times as many examples, of which suppression keeps one. The square
 * spreads small sizes: those of a tenth and a twentieth of the picture are 0.32 and 0.22.
 *
 * <p>Things whose centres share a cell take its slots in the order of their area, the smallest
 * first; neighbours answer in their first slot, unless a thing of their own is there.
 *
 * @param side of the square picture, in pixels
 * @param cells S, by row and by column
 * @param slots A, how many things a cell can hold
 * @param classes K
 */
public record GridEncoding(int side, int cells, int slots, int classes) {
  /** The numbers of a box in arrays: class id or -1 for none, left, top, width, height. */
  public static final int BOX_LENGTH = 5;

  /**
   * Redmon et al. 2016, "You only look once", equation 3: the weights of boxes and of emptiness.
   */
  private static final float BOX_WEIGHT = 5;

  private static final float EMPTY_WEIGHT = 0.5f;

  /** Where a slot's planes of centre, size, objectness and the first class begin. */
  private static final int SIZE = 2;

  private static final int OBJECT = 4;
  private static final int CLASS = 5;

  public GridEncoding {
    if (side < 1 || cells < 1 || slots < 1 || classes < 1) {
      throw new IllegalArgumentException(
          "a grid of side %d, cells %d, slots %d, classes %d is not possible (give 1 or more)"
              .formatted(side, cells, slots, classes));
    }
  }

  /** The planes of the output, {@code A*(5+K)}. */
  public int channels() {
    return slots * (CLASS + classes);
  }

  /** The numbers of the output for one picture, {@code A*(5+K)*S*S}. */
  public int length() {
    return channels() * cells * cells;
  }

  /**
   * Writes what the detector should answer for a picture and how much each number counts. Boxes
   * whose centre lies outside the picture are left out. Allocates nothing and keeps nothing:
   * several threads may encode.
   *
   * @param boxes rows of {@link #BOX_LENGTH} numbers in pixels of the square picture, read from
   *     {@code boxesAt}
   * @param count of rows
   * @param targets of the sigmoid, 0 to 1, {@link #length} numbers overwritten from {@code
   *     targetsAt}
   * @param weights as many, overwritten from {@code weightsAt}: 5 for centre and size of things, 1
   *     for their objectness and classes, 0.5 for the objectness where nothing is, else 0
   * @return how many boxes found no slot, because their cell holds more things than slots
   * @throws IllegalArgumentException if a class id is K or more
   */
  public int encode(
      float[] boxes,
      int boxesAt,
      int count,
      float[] targets,
      int targetsAt,
      float[] weights,
      int weightsAt) {
    clear(targets, targetsAt, weights, weightsAt);
    int withoutSlot = 0;
    for (int i = 0; i < count; i++) {
      int at = boxesAt + i * BOX_LENGTH;
      int cell = cell(boxes, at);
      if (cell >= 0) {
        int slot = rank(boxes, boxesAt, count, i, cell);
        if (slot < slots) {
          write(
              boxes, at, slot, cell % cells, cell / cells, targets, targetsAt, weights, weightsAt);
        } else {
          withoutSlot++;
        }
      }
    }
    for (int i = 0; i < count; i++) {
      int at = boxesAt + i * BOX_LENGTH;
      int cell = cell(boxes, at);
      if (cell >= 0) {
        int column = cell % cells;
        int row = cell / cells;
        int beside = centreX(boxes, at) - column < 0.5f ? column - 1 : column + 1;
        int above = centreY(boxes, at) - row < 0.5f ? row - 1 : row + 1;
        writeIfFree(boxes, at, beside, row, targets, targetsAt, weights, weightsAt);
        writeIfFree(boxes, at, column, above, targets, targetsAt, weights, weightsAt);
      }
    }
    return withoutSlot;
  }

  private void clear(float[] targets, int targetsAt, float[] weights, int weightsAt) {
    Arrays.fill(targets, targetsAt, targetsAt + length(), 0);
    Arrays.fill(weights, weightsAt, weightsAt + length(), 0);
    for (int slot = 0; slot < slots; slot++) {
      int from = weightsAt + plane(slot, OBJECT);
      Arrays.fill(weights, from, from + cells * cells, EMPTY_WEIGHT);
    }
  }

  /** Where a plane of a slot begins. */
  private int plane(int slot, int number) {
    return (slot * (CLASS + classes) + number) * cells * cells;
  }

  /** The centre in cells from the left. */
  private float centreX(float[] boxes, int at) {
    return (boxes[at + 1] + boxes[at + 3] / 2) * cells / side;
  }

  /** The centre in cells from the top. */
  private float centreY(float[] boxes, int at) {
    return (boxes[at + 2] + boxes[at + 4] / 2) * cells / side;
  }

  /** The cell of a box's centre, row by row; -1 if there is no box or its centre is outside. */
  private int cell(float[] boxes, int at) {
    float x = centreX(boxes, at);
    float y = centreY(boxes, at);
    if (boxes[at] >= classes) {
      throw new IllegalArgumentException(
          "a box of class %d does not fit a grid of %d classes"
              .formatted((int) boxes[at], classes));
    }
    boolean inside = x >= 0 && x < cells && y >= 0 && y < cells;
    return boxes[at] >= 0 && inside ? (int) y * cells + (int) x : -1;
  }

  /** How many boxes of the cell are smaller than box i, or as large and before it. */
  private int rank(float[] boxes, int boxesAt, int count, int i, int cell) {
    int rank = 0;
    float area = area(boxes, boxesAt + i * BOX_LENGTH);
    for (int j = 0; j < count; j++) {
      int at = boxesAt + j * BOX_LENGTH;
      if (j != i && cell(boxes, at) == cell) {
        float other = area(boxes, at);
        rank += other < area || other == area && j < i ? 1 : 0;
      }
    }
    return rank;
  }

  private static float area(float[] boxes, int at) {
    return boxes[at + 3] * boxes[at + 4];
  }

  private void writeIfFree(
      float[] boxes,
      int at,
      int column,
      int row,
      float[] targets,
      int targetsAt,
      float[] weights,
      int weightsAt) {
    boolean inside = column >= 0 && column < cells && row >= 0 && row < cells;
    if (inside && targets[targetsAt + plane(0, OBJECT) + row * cells + column] == 0) {
      write(boxes, at, 0, column, row, targets, targetsAt, weights, weightsAt);
    }
  }

  private void write(
      float[] boxes,
      int at,
      int slot,
      int column,
      int row,
      float[] targets,
      int targetsAt,
      float[] weights,
      int weightsAt) {
    int area = cells * cells;
    int to = targetsAt + plane(slot, 0) + row * cells + column;
    targets[to] = (centreX(boxes, at) - column + 0.5f) / 2;
    targets[to + area] = (centreY(boxes, at) - row + 0.5f) / 2;
    targets[to + SIZE * area] = share(boxes[at + 3]);
    targets[to + (SIZE + 1) * area] = share(boxes[at + 4]);
    targets[to + OBJECT * area] = 1;
    targets[to + (CLASS + (int) boxes[at]) * area] = 1;
    int weight = weightsAt + to - targetsAt;
    for (int number = 0; number < CLASS + classes; number++) {
      weights[weight + number * area] = number < OBJECT ? BOX_WEIGHT : 1;
    }
  }

  /** The root of a length's share of the side. */
  private float share(float length) {
    return (float) Math.sqrt(Math.clamp(length / side, 0, 1));
  }

  /**
   * Reads the boxes in the output for one picture, before suppression. What reaches beyond the
   * picture is cut off.
   *
   * @param logits {@code [A*(5+K),S,S]} from {@code at} on
   * @param threshold boxes of at least this score are returned, 0 to 1
   * @return boxes in pixels of the square picture, each with its likeliest class
   */
  public List<ScoredBox> decode(float[] logits, int at, double threshold) {
    List<ScoredBox> found = new ArrayList<>();
    int area = cells * cells;
    for (int slot = 0; slot < slots; slot++) {
      for (int cell = 0; cell < area; cell++) {
        int from = at + plane(slot, 0) + cell;
        int best = 0;
        for (int k = 1; k < classes; k++) {
          boolean better = logits[from + (CLASS + k) * area] > logits[from + (CLASS + best) * area];
          best = better ? k : best;
        }
        double score =
            sigmoid(logits[from + OBJECT * area]) * sigmoid(logits[from + (CLASS + best) * area]);
        if (score >= threshold) {
          found.add(new ScoredBox(box(logits, from, cell % cells, cell / cells, best), score));
        }
      }
    }
    return found;
  }

  private BoundingBox box(float[] logits, int from, int column, int row, int classId) {
    int area = cells * cells;
    double unit = (double) side / cells;
    double x = (column + 2 * sigmoid(logits[from]) - 0.5) * unit;
    double y = (row + 2 * sigmoid(logits[from + area]) - 0.5) * unit;
    double wide = side * Math.pow(sigmoid(logits[from + SIZE * area]), 2);
    double high = side * Math.pow(sigmoid(logits[from + (SIZE + 1) * area]), 2);
    double left = Math.clamp(x - wide / 2, 0, side);
    double top = Math.clamp(y - high / 2, 0, side);
    double right = Math.clamp(x + wide / 2, left, side);
    double bottom = Math.clamp(y + high / 2, top, side);
    return new BoundingBox(classId, left, top, right - left, bottom - top);
  }

  private static double sigmoid(double logit) {
    return 1 / (1 + Math.exp(-logit));
  }
}
