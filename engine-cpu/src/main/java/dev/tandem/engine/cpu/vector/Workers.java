package dev.tandem.engine.cpu.vector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of threads that share the chunks of one task at a time. The thread that calls takes
 * part, so that one thread means no hand-off at all.
 *
 * <p>Each thread begins with a contiguous range of the chunks of its own, and then helps the others
 * with theirs: a thread that another program keeps from its processor, or that still sleeps when
 * all is done, holds nobody up. How many chunks there are is decided by the sizes of the operands
 * and never by the number of threads, and no two write the same element: results are the same bits
 * whichever thread runs which. A dispatch allocates nothing.
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
   * How often a waiting thread looks for news without a pause, some 20 microseconds: operations of
   * a step follow each other sooner. Afterwards it lets other threads of its processor run between
   * two looks, such as the JVM's compilers.
   */
  private static final int SPINS = 1000;

  /**
   * After so many nanoseconds a waiting thread sleeps. The gap between two steps is shorter; and to
   * wake a processor up that slept takes 80 microseconds in a virtual machine, in which the other
   * threads do the sleeper's part and its cache holds the wrong data in all operations that follow.
   */
  private static final long PATIENCE = 1_000_000;

  /** The gate's bits: how many threads are inside, whether it is open, and the task's number. */
  private static final long INSIDE = 0xffff;

  private static final long OPEN = 0x10000;
  private static final int NUMBER_SHIFT = 17;

  /** Elements from one thread's counter to the next: a cache line, so that they share none. */
  private static final int STRIDE = 16;

  private static final VarHandle GATE;
  private static final VarHandle FAILURE;
  private static final VarHandle CLAIMED = MethodHandles.arrayElementVarHandle(int[].class);

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      GATE = lookup.findVarHandle(Workers.class, "gate", long.class);
      FAILURE = lookup.findVarHandle(Workers.class, "failure", Throwable.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Worker[] workers;

  /** By thread, the next chunk of its range that nobody has taken. */
  private final int[] claimed;

  private Task task;
  private int chunks;
  private long tasks;
  private Thread caller;
  // Opened last by the caller: a worker that comes in sees the fields above.
  private volatile long gate;
  private volatile Throwable failure;
  private volatile boolean closed;

  /** Starts the threads beside the caller's. */
  Workers(int threads) {
    workers = new Worker[threads - 1];
    claimed = new int[threads * STRIDE];
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
    if (workers.length == 0 || count <= 1) {
      runAlone(next, count);
      return;
    }
    checkOpen();
    task = next;
    chunks = count;
    caller = Thread.currentThread();
    for (int thread = 0; thread <= workers.length; thread++) {
      claimed[thread * STRIDE] = begin(thread);
    }
    gate = ++tasks << NUMBER_SHIFT | OPEN;
    for (Worker worker : workers) {
      if (worker.asleep) {
        LockSupport.unpark(worker);
      }
    }
    work(0);
    GATE.getAndBitwiseAnd(this, ~OPEN);
    awaitWorkers();
    Throwable thrown = failure;
    if (thrown != null) {
      failure = null;
      throw unchecked(thrown);
    }
  }

  /** Runs all chunks of a small task on the calling thread. */
  void runAlone(Task next, int count) {
    checkOpen();
    for (int chunk = 0; chunk < count; chunk++) {
      next.run(chunk, 0);
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("backend 'cpu' was closed (open another)");
    }
  }

  /** The first chunk of a thread's range. */
  private int begin(int thread) {
    return (int) ((long) thread * chunks / threads());
  }

  /** Runs chunks until all are taken: the thread's own first, then those of the next threads. */
  private void work(int worker) {
    try {
      for (int i = 0; i < threads(); i++) {
        int owner = (worker + i) % threads();
        int end = begin(owner + 1);
        int chunk = (int) CLAIMED.getAndAdd(claimed, owner * STRIDE, 1);
        while (chunk < end) {
          task.run(chunk, worker);
          chunk = (int) CLAIMED.getAndAdd(claimed, owner * STRIDE, 1);
        }
      }
    } catch (Throwable thrown) {
      FAILURE.compareAndSet(this, null, thrown);
    }
  }

  private void awaitWorkers() {
    long since = System.nanoTime();
    for (int looks = 0; (gate & INSIDE) > 0; looks++) {
      if (!linger(looks, since)) {
        LockSupport.park(this);
      }
    }
  }

  /** Lets some time pass before the next look for news; returns false when it is time to sleep. */
  private static boolean linger(int looks, long since) {
    if (looks < SPINS) {
      Thread.onSpinWait();
      return true;
    }
    Thread.yield();
    return System.nanoTime() - since < PATIENCE;
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
      long seen = 0;
      while (awaitTask(seen)) {
        seen = gate >>> NUMBER_SHIFT;
        if (enter(seen)) {
          work(number);
          leave();
        }
      }
    }

    /** Goes in if the task of that number is not over; otherwise the others have done it all. */
    private boolean enter(long taskNumber) {
      long now = gate;
      while (now >>> NUMBER_SHIFT == taskNumber && (now & OPEN) != 0) {
        if (GATE.compareAndSet(Workers.this, now, now + 1)) {
          return true;
        }
        now = gate;
      }
      return false;
    }

    private void leave() {
      long before = (long) GATE.getAndAdd(Workers.this, -1L);
      if ((before & (OPEN | INSIDE)) == 1) {
        LockSupport.unpark(caller);
      }
    }

    /** Waits for a task after the one seen last; returns false when there will be none. */
    private boolean awaitTask(long seen) {
      long since = System.nanoTime();
      int looks = 0;
      while (linger(looks++, since)) {
        if (gate >>> NUMBER_SHIFT != seen) {
          return true;
        }
      }
      asleep = true;
      while (gate >>> NUMBER_SHIFT == seen && !closed) {
        LockSupport.park(Workers.this);
      }
      asleep = false;
      return gate >>> NUMBER_SHIFT != seen;
    }
  }
}
