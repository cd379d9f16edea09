package dev.tandem.models.training;

import dev.tandem.datasets.Augmentation;
import dev.tandem.datasets.Augmenter;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.detection.GridEncoding;
import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.StagingBuffer;
import dev.tandem.models.Network;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Brings examples to the device, batch by batch. Pictures are decoded, changed and their boxes
 * encoded by a thread of its own, which prepares the next batch while the device works on this one.
 * What only needs to be copied is copied by the caller, which costs less than handing it over,
 * unless the device can take the next batch while it works on this one.
 */
final class BatchLoader implements AutoCloseable {
  /** Host memory for one batch. */
  private final class Stage {
    private final StagingBuffer input;
    private final StagingBuffer lengths;
    private final StagingBuffer targets;
    private final StagingBuffer weights;
    private final StagingBuffer[] buffers;
    private final float[] pictures;
    private final FloatBuffer picturesView;
    private final float[] boxes;
    private final float[] encoded;
    private final float[] encodedWeights;

    Stage(int rows, int steps) {
      input = stage(inputs.isFloat(), rows * inputRow.length(steps));
      lengths = ragged ? stage(false, rows) : null;
      if (wanted == null) {
        targets = null;
      } else if (grid != null) {
        targets = stage(true, rows * grid.length());
      } else {
        targets = stage(wanted.values().isFloat(), rows * wantedRow.length(steps));
      }
      weights = grid == null ? null : stage(true, rows * grid.length());
      buffers =
          Stream.of(input, lengths, targets, weights)
              .filter(Objects::nonNull)
              .toArray(StagingBuffer[]::new);
      boolean changed = augmenter != null;
      pictures = changed ? new float[rows * inputs.exampleLength()] : null;
      picturesView = changed ? FloatBuffer.wrap(pictures) : null;
      boxes = grid == null ? null : new float[rows * wanted.values().exampleLength()];
      encoded = grid == null ? null : new float[grid.length()];
      encodedWeights = grid == null ? null : new float[grid.length()];
    }

    private StagingBuffer stage(boolean floats, int elements) {
      return backend.transfers().stage(floats ? DataType.FLOAT32 : DataType.INT32, elements);
    }

    /** Waits until all that was uploaded may be overwritten. */
    void awaitUploaded() {
      for (StagingBuffer buffer : buffers) {
        buffer.awaitUploaded();
      }
    }

    /** Lets the device take a batch ahead of its turn. */
    void prefetch(Batches.Batch batch) {
      int rows = batch.count();
      input.prefetch(rows * inputRow.length(batch.steps()));
      if (lengths != null) {
        lengths.prefetch(rows);
      }
      if (grid != null) {
        targets.prefetch(rows * grid.length());
        weights.prefetch(rows * grid.length());
      } else if (targets != null) {
        targets.prefetch(rows * wantedRow.length(batch.steps()));
      }
    }

    void close() {
      for (StagingBuffer buffer : buffers) {
        buffer.close();
      }
    }
  }

  private final Backend backend;
  private final HostArray inputs;
  private final Targets wanted;
  private final GridEncoding grid;
  private final Row inputRow;
  private final Row wantedRow;
  private final boolean timeFirst;
  private final boolean ragged;
  private final Augmenter augmenter;
  private final long seed;
  private final Stage[] stages;
  private final Thread thread;

  private long waitedNanoseconds;

  // All that follows is guarded by this object.
  private int[] order;
  private List<Batches.Batch> batches = List.of();
  private int epoch;
  private int filled;
  private int taken;
  private boolean filling;
  private boolean closed;
  private Throwable failure;

  /**
   * Takes host memory.
   *
   * @param network what the examples go through
   * @param inputs the examples
   * @param wanted their targets; null if only outputs are wanted
   * @param division gives the largest batch
   * @param augmentation how pictures are changed
   * @param seed of these changes
   */
  BatchLoader(
      Backend backend,
      Network network,
      HostArray inputs,
      Targets wanted,
      Batches division,
      Augmentation augmentation,
      long seed) {
    this.backend = backend;
    this.inputs = inputs;
    this.wanted = wanted;
    this.seed = seed;
    grid = wanted == null ? null : wanted.grid();
    inputRow = new Row(inputs);
    wantedRow = wanted == null ? null : new Row(wanted.values());
    timeFirst = network.recurs();
    ragged = division.isRagged();
    int[] shape = inputs.shape();
    augmenter = augmentation.isNone() ? null : augmentation.augmenter(shape[1], shape[2], shape[3]);
    Stage first = new Stage(division.batchSize(), division.longest());
    boolean ahead =
        augmenter != null || grid != null || inputs.isPixels() || first.input.prefetches();
    stages =
        ahead
            ? new Stage[] {first, new Stage(division.batchSize(), division.longest())}
            : new Stage[] {first};
    thread = ahead ? new Thread(this::fillAhead, "tandem-loader") : null;
    if (ahead) {
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** The elements of a row that has some steps. */
  private static final class Row {
    private final int length;
    private final boolean isRagged;

    Row(HostArray array) {
      int longest = array.shape().length < 2 ? 1 : Math.max(1, array.shape()[1]);
      isRagged = array.isRagged();
      length = isRagged ? array.exampleLength() / longest : array.exampleLength();
    }

    int length(int steps) {
      return isRagged ? length * steps : length;
    }
  }

  /** Begins a pass; {@link #next} then gives its batches in their order. */
  synchronized void begin(Batches.Pass pass, int number) {
    while (filling) {
      await();
    }
    waitedNanoseconds = 0;
    order = pass.order();
    batches = pass.batches();
    epoch = number;
    filled = 0;
    taken = 0;
    notifyAll();
  }

  /** Uploads the next batch of the pass. */
  void next(BatchTensors tensors) {
    Stage stage = stages[taken % stages.length];
    long begin = System.nanoTime();
    if (thread == null) {
      fill(stage, batches.get(taken));
    } else {
      awaitFilled();
    }
    waitedNanoseconds += System.nanoTime() - begin;
    backend.transfers().upload(stage.input, tensors.input());
    if (tensors.lengths() != null) {
      backend.transfers().upload(stage.lengths, tensors.lengths());
    }
    if (tensors.targets() != null) {
      backend.transfers().upload(stage.targets, tensors.targets());
    }
    if (tensors.weights() != null) {
      backend.transfers().upload(stage.weights, tensors.weights());
    }
    synchronized (this) {
      taken++;
      notifyAll();
    }
  }

  /** Returns the seconds of this pass for which {@link #next} waited until a batch was prepared. */
  double waitedSeconds() {
    return waitedNanoseconds / 1e9;
  }

  private synchronized void awaitFilled() {
    while (filled <= taken && failure == null) {
      await();
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  private void await() {
    try {
      wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a batch was prepared", e);
    }
  }

  private void fillAhead() {
    try {
      while (true) {
        Batches.Batch batch;
        Stage stage;
        synchronized (this) {
          while (!closed && (filled >= batches.size() || filled - taken >= stages.length)) {
            wait();
          }
          if (closed) {
            return;
          }
          batch = batches.get(filled);
          stage = stages[filled % stages.length];
          filling = true;
        }
        fill(stage, batch);
        synchronized (this) {
          filled++;
          filling = false;
          notifyAll();
        }
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      synchronized (this) {
        failure = e instanceof InterruptedException ? new IllegalStateException(e) : e;
        filling = false;
        notifyAll();
      }
    }
  }

  private void fill(Stage stage, Batches.Batch batch) {
    stage.awaitUploaded();
    if (stage.boxes != null) {
      wanted.values().gather(order, batch.from(), batch.count(), FloatBuffer.wrap(stage.boxes));
    }
    if (augmenter != null) {
      augment(stage, batch);
    } else {
      gather(inputs, timeFirst, batch, stage.input);
    }
    if (ragged) {
      for (int i = 0; i < batch.count(); i++) {
        stage.lengths.ints().put(i, Math.min(inputs.steps(order[batch.from() + i]), batch.steps()));
      }
    }
    if (grid != null) {
      encode(stage, batch.count());
    } else if (wanted != null) {
      gather(wanted.values(), timeFirst && wanted.perStep(), batch, stage.targets);
    }
    stage.prefetch(batch);
  }

  private void gather(
      HostArray array, boolean stepsFirst, Batches.Batch batch, StagingBuffer into) {
    int from = batch.from();
    int count = batch.count();
    int steps = batch.steps();
    if (array.isFloat() && stepsFirst) {
      array.gatherSteps(order, from, count, steps, into.floats());
    } else if (array.isFloat()) {
      array.gather(order, from, count, steps, into.floats());
    } else if (stepsFirst) {
      array.gatherSteps(order, from, count, steps, into.ints());
    } else {
      array.gather(order, from, count, steps, into.ints());
    }
  }

  private void augment(Stage stage, Batches.Batch batch) {
    inputs.gather(order, batch.from(), batch.count(), stage.picturesView);
    int length = inputs.exampleLength();
    int boxesLength = grid == null ? 0 : wanted.values().exampleLength();
    for (int i = 0; i < batch.count(); i++) {
      augmenter.apply(
          stage.pictures,
          i * length,
          stage.boxes,
          i * boxesLength,
          boxesLength / GridEncoding.BOX_LENGTH,
          seed,
          epoch,
          order[batch.from() + i]);
    }
    stage.input.floats().put(0, stage.pictures, 0, batch.count() * length);
  }

  private void encode(Stage stage, int count) {
    int boxesLength = wanted.values().exampleLength();
    for (int i = 0; i < count; i++) {
      grid.encode(
          stage.boxes,
          i * boxesLength,
          boxesLength / GridEncoding.BOX_LENGTH,
          stage.encoded,
          0,
          stage.encodedWeights,
          0);
      stage.targets.floats().put(i * grid.length(), stage.encoded, 0, grid.length());
      stage.weights.floats().put(i * grid.length(), stage.encodedWeights, 0, grid.length());
    }
  }

  @Override
  public void close() {
    if (thread != null) {
      synchronized (this) {
        closed = true;
        notifyAll();
      }
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    for (Stage stage : stages) {
      stage.close();
    }
  }
}
