package dev.tandem.engine.cpu.vector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of threads that share the chunks of one task at a time. The thread that calls takes
 * part, so that one thread means no hand-off at all.
 *
 * <p>Chunks are dealt out as contiguous ranges. How many there are is decided by the sizes of the
 * operands and never by the number of threads, and no two write the same element: results are the
 * same bits for any number of threads. A dispatch allocates nothing.
 */
final class Workers implements AutoCloseable {
  /** Work in numbered chunks that may run in any order and at the same time. */
  interface Task {
    /**
     * Runs one chunk.
     *
     * @param chunk its number, from 0
     * @param worker the number of the thread, from 0 (the caller) to {@link #threads} - 1, to
     *     choose scratch memory by
     */
    void run(int chunk, int worker);
  }

  /**
   * How often a thread looks for news before it sleeps: some 20 microseconds, longer than the gap
   * between two operations of a step and shorter than waking a thread up takes to matter.
   */
  private static final int SPINS = 500;

  private static final VarHandle PENDING;
  private static final VarHandle FAILURE;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      PENDING = lookup.findVarHandle(Workers.class, "pending", int.class);
      FAILURE = lookup.findVarHandle(Workers.class, "failure", Throwable.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Worker[] workers;
  private Task task;
  private int chunks;
  private Thread caller;
  // Written last by the caller: a worker that sees a new number sees the fields above.
  private volatile int round;
  private volatile int pending;
  private volatile Throwable failure;
  private volatile boolean closed;

  /** Starts the threads beside the caller's. */
  Workers(int threads) {
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].start();
    }
  }

  /** Returns the number of threads, the caller's included. */
  int threads() {
    return workers.length + 1;
  }

  /** Runs all chunks of a task and returns when they are done; throws what a chunk threw. */
  void run(Task next, int count) {
    if (closed) {
      throw new IllegalStateException("backend 'cpu' was closed (open another)");
    }
    if (workers.length == 0 || count <= 1) {
      runAlone(next, count);
      return;
    }
    task = next;
    chunks = count;
    caller = Thread.currentThread();
    pending = workers.length;
    round++;
    for (Worker worker : workers) {
      if (worker.asleep) {
        LockSupport.unpark(worker);
      }
    }
    runRange(0);
    awaitWorkers();
    Throwable thrown = failure;
    if (thrown != null) {
      failure = null;
      throw unchecked(thrown);
    }
  }

  /** Runs all chunks of a small task on the calling thread. */
  void runAlone(Task next, int count) {
    for (int chunk = 0; chunk < count; chunk++) {
      next.run(chunk, 0);
    }
  }

  private void runRange(int worker) {
    try {
      int end = (int) ((worker + 1L) * chunks / threads());
      for (int chunk = (int) ((long) worker * chunks / threads()); chunk < end; chunk++) {
        task.run(chunk, worker);
      }
    } catch (Throwable thrown) {
      FAILURE.compareAndSet(this, null, thrown);
    }
  }

  private void awaitWorkers() {
    for (int spin = 0; pending > 0 && spin < SPINS; spin++) {
      Thread.onSpinWait();
    }
    while (pending > 0) {
      LockSupport.park(this);
    }
  }

  private static RuntimeException unchecked(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return (RuntimeException) thrown;
  }

  /** Ends the threads and waits for that. */
  @Override
  public void close() {
    closed = true;
    boolean interrupted = false;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Worker extends Thread {
    private final int number;
    private volatile boolean asleep;

    Worker(int number) {
      super("tandem-cpu-" + number);
      this.number = number;
      setDaemon(true);
    }

    @Override
    public void run() {
      int seen = 0;
      while (awaitRound(seen)) {
        seen++;
        runRange(number);
        if ((int) PENDING.getAndAdd(Workers.this, -1) == 1) {
          LockSupport.unpark(caller);
        }
      }
    }

    /** Waits for the round after the one seen last; returns false when there will be none. */
    private boolean awaitRound(int seen) {
      for (int spin = 0; spin < SPINS; spin++) {
        if (round != seen) {
          return true;
        }
        Thread.onSpinWait();
      }
      asleep = true;
      while (round == seen && !closed) {
        LockSupport.park(Workers.this);
      }
      asleep = false;
      return round != seen;
    }
  }
}
