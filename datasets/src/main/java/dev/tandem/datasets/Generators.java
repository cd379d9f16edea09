package dev.tandem.datasets;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Data that is made, to see how far back a network remembers. The generator is L64X128MixRandom:
 * the same seed gives the same data on every machine.
 */
public final class Generators {
  public static final int DEFAULT_EXAMPLES = 12_000;
  public static final int DEFAULT_STEPS = 100;

  private static final String ADDING_SOURCE = "https://doi.org/10.1162/neco.1997.9.8.1735";
  private static final String MACKEY_GLASS_SOURCE = "https://doi.org/10.1126/science.267326";
  private static final String COPY_SOURCE = "https://arxiv.org/abs/1511.06464";
  private static final String LICENCE = "made by this program";

  private static final int COPIED = 10;
  private static final List<String> SYMBOLS = List.of("a", "b", "c", "d", "e", "f", "g", "h");

  private Generators() {}

  static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /**
   * The adding problem: two inputs at each step, a number from [0,1) and a mark; the marks are 1 at
   * one step of each half and 0 elsewhere; the target is the sum of the two marked numbers. To say
   * 1 always has a mean squared error of 1/6.
   *
   * <p>Hochreiter and Schmidhuber (1997), "Long Short-Term Memory", section 5.4, in the form with
   * numbers from [0,1) and marks of 0 and 1 that later work uses.
   *
   * @param examples at least 1
   * @param steps at least 2
   * @return a regression with inputs float32 {@code [examples,steps,2]}, targets {@code
   *     [examples,1]}
   */
  public static ArrayDataset adding(int examples, int steps, long seed) {
    require("examples", examples, 1);
    require("steps", steps, 2);
    RandomGenerator random = random(seed);
    float[] inputs = new float[Math.multiplyExact(Math.multiplyExact(examples, steps), 2)];
    float[] targets = new float[examples];
    for (int example = 0; example < examples; example++) {
      int first = example * steps * 2;
      for (int step = 0; step < steps; step++) {
        inputs[first + 2 * step] = random.nextFloat();
      }
      int half = steps / 2;
      for (int step : new int[] {random.nextInt(half), half + random.nextInt(steps - half)}) {
        inputs[first + 2 * step + 1] = 1;
        targets[example] += inputs[first + 2 * step];
      }
    }
    return new ArrayDataset(
        "adding",
        HostArray.of(inputs, examples, steps, 2),
        HostArray.of(targets, examples, 1),
        Task.REGRESSION,
        false,
        provenance(ADDING_SOURCE, inputs));
  }

  /**
   * The copy memory problem: ten symbols out of eight, then blanks, a sign to go {@code delay}
   * steps after the last symbol, and ten blanks at which the symbols are to be said in order. Only
   * these ten steps have a tag, so that chance has an accuracy of 1/8 and a loss of ln 8 = 2.079.
   *
   * <p>Hochreiter and Schmidhuber (1997), in the form of Arjovsky, Shah and Bengio (2016), "Unitary
   * Evolution Recurrent Neural Networks", section 4.1, who let all steps count.
   *
   * @param examples at least 1
   * @param delay at least 1
   * @return tagging of sentences of {@code delay + 20} words
   */
  public static TaggingDataset copyMemory(int examples, int delay, long seed) {
    require("examples", examples, 1);
    require("steps of delay", delay, 1);
    RandomGenerator random = random(seed);
    Sentences sentences = new Sentences(new ArrayList<>(), new ArrayList<>());
    ByteBuffer drawn = ByteBuffer.allocate(Math.multiplyExact(examples, COPIED));
    for (int example = 0; example < examples; example++) {
      String[] words = new String[delay + 2 * COPIED];
      String[] tags = new String[words.length];
      Arrays.fill(words, "blank");
      words[COPIED + delay - 1] = "go";
      for (int i = 0; i < COPIED; i++) {
        int symbol = random.nextInt(SYMBOLS.size());
        words[i] = SYMBOLS.get(symbol);
        tags[COPIED + delay + i] = SYMBOLS.get(symbol);
        drawn.put((byte) symbol);
      }
      sentences.add(Arrays.asList(words), Arrays.asList(tags));
    }
    return new TaggingDataset(
        "copy-memory",
        sentences,
        -1,
        new TaggingDataset.Options(1, false),
        generated(COPY_SOURCE, drawn.array()));
  }

  /**
   * The series of Mackey and Glass (1977), "Oscillation and Chaos in Physiological Control
   * Systems", which is chaotic: {@code dx/dt = 0.2 x(t-17) / (1 + x(t-17)^10) - 0.1 x}, by
   * Runge-Kutta's method with steps of 0.1, from random values around 1.2, without the first 500
   * units of time.
   *
   * @param steps how many values, at least 50; they are 6 units of time apart, as is usual
   */
  public static SeriesDataset mackeyGlass(int steps, SeriesDataset.Options options, long seed) {
    require("steps", steps, 50);
    double[] values = MackeyGlass.values(steps, random(seed));
    float[] bytes = new float[steps];
    for (int i = 0; i < steps; i++) {
      bytes[i] = (float) values[i];
    }
    return new SeriesDataset(
        "mackey-glass",
        List.of(TimeSeries.of(values)),
        new TimeSeries.Columns(List.of("x"), null, null),
        "x",
        options,
        provenance(MACKEY_GLASS_SOURCE, bytes),
        List.of());
  }

  private static void require(String what, int value, int least) {
    if (value < least) {
      throw DataException.of("%d %s are too few (choose %d or more)", value, what, least);
    }
  }

  private static Provenance provenance(String source, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
    bytes.asFloatBuffer().put(values);
    return generated(source, bytes.array());
  }

  /** The provenance of data that was made, with the checksum of what was made. */
  static Provenance generated(String source, byte[] bytes) {
    return new Provenance(source, LICENCE, "generated", "none", DataFiles.sha256(bytes));
  }

  /** Mackey and Glass' equation. */
  private static final class MackeyGlass {
    private static final int STEPS_PER_UNIT = 10;
    private static final int DELAY = 17 * STEPS_PER_UNIT;
    private static final int SAMPLING = 6 * STEPS_PER_UNIT;
    private static final int TRANSIENT = 500 * STEPS_PER_UNIT;

    static double[] values(int count, RandomGenerator random) {
      double[] x = new double[DELAY + 1 + TRANSIENT + count * SAMPLING];
      for (int i = 0; i <= DELAY; i++) {
        x[i] = 1.2 + 0.2 * (random.nextDouble() - 0.5);
      }
      double step = 1.0 / STEPS_PER_UNIT;
      for (int i = DELAY; i + 1 < x.length; i++) {
        double delayed = x[i - DELAY];
        double next = x[i - DELAY + 1];
        double middle = (delayed + next) / 2;
        double k1 = derivative(x[i], delayed);
        double k2 = derivative(x[i] + step / 2 * k1, middle);
        double k3 = derivative(x[i] + step / 2 * k2, middle);
        double k4 = derivative(x[i] + step * k3, next);
        x[i + 1] = x[i] + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
      }
      double[] values = new double[count];
      for (int i = 0; i < count; i++) {
        values[i] = x[DELAY + 1 + TRANSIENT + i * SAMPLING];
      }
      return values;
    }

    // StrictMath: the same bits on every machine, whose chaos would blow any difference up.
    private static double derivative(double x, double delayed) {
      return 0.2 * delayed / (1 + StrictMath.pow(delayed, 10)) - 0.1 * x;
    }
  }
}
