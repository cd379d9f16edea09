package dev.tandem.engine.cuda;

import dev.tandem.engine.Replayable;
import dev.tandem.engine.cuda.jcuda.CudaContext;
import dev.tandem.engine.cuda.jcuda.CudaException;
import dev.tandem.engine.cuda.jcuda.CudaGraph;
import java.lang.System.Logger.Level;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.HashSet;
import java.util.Set;

/**
 * The captured steps of a backend. A graph is launched with the addresses that it was recorded
 * with, so each remembers in which memory they lie and refuses to run once that was freed.
 */
final class CudaCaptures implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(CudaCaptures.class.getName());

  /** A recorded step, and the memory in which its tensors lie. */
  private record Replay(CudaGraph graph, CudaStorage[] storages) implements Replayable {
    @Override
    public void replay() {
      for (CudaStorage storage : storages) {
        if (storage.isClosed()) {
          throw new IllegalStateException(
              "replay: an arena whose tensors the captured step uses was closed (keep the arena open while the step is replayed)");
        }
      }
      graph.launch();
    }
  }

  /** Tells when nobody can replay a graph any more. */
  private static final class Unused extends PhantomReference<Replay> {
    private final CudaGraph graph;

    Unused(Replay replay, ReferenceQueue<Replay> queue) {
      super(replay, queue);
      graph = replay.graph();
    }
  }

  private final CudaContext context;
  private final ReferenceQueue<Replay> unused = new ReferenceQueue<>();
  private final Set<Unused> live = new HashSet<>();
  private Set<CudaStorage> recording;
  private int count;
  private String obstacle;

  CudaCaptures(CudaContext context) {
    this.context = context;
  }

  /** Notes that an operation was given a tensor in some memory. */
  void uses(CudaStorage storage) {
    if (recording != null) {
      recording.add(storage);
    }
  }

  /** Returns how many steps were captured so far. */
  int count() {
    return count;
  }

  /** Returns why a step could not be captured and is run again instead; null if none. */
  String obstacle() {
    return obstacle;
  }

  /**
   * Runs a step, and records it so that it can be launched by one call. The step runs first and is
   * recorded afterwards: what a first run does once, such as loading kernels, may not be recorded.
   */
  Replayable capture(Runnable step) {
    freeUnused();
    step.run();
    Set<CudaStorage> storages = new HashSet<>();
    recording = storages;
    try {
      CudaGraph graph = new CudaGraph(context, step);
      Replay replay = new Replay(graph, storages.toArray(CudaStorage[]::new));
      live.add(new Unused(replay, unused));
      count++;
      return replay;
    } catch (CudaException failure) {
      obstacle = failure.getMessage();
      LOGGER.log(
          Level.WARNING,
          "a step cannot be captured as a graph, so that its operations are called one by one: {0}",
          obstacle);
      return step::run;
    } finally {
      recording = null;
    }
  }

  /** Frees graphs here, on the backend's thread, and not on one of the garbage collector's. */
  private void freeUnused() {
    for (Unused found = (Unused) unused.poll(); found != null; found = (Unused) unused.poll()) {
      found.graph.close();
      live.remove(found);
    }
  }

  @Override
  public void close() {
    for (Unused reference : live) {
      reference.graph.close();
    }
    live.clear();
  }
}
