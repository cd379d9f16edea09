package dev.tandem.engine.cuda.jcuda;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.JCudaDriver;

/**
 * One kernel with a table for its arguments. Arguments are given in the order of the kernel's
 * parameters, then it is launched:
 *
 * <pre>{@code
 * kernel.address(address(x)).integer(rows).number(alpha).launchOver(elements);
 * }</pre>
 *
 * <p>The types must be those of the parameters: {@link #address} for pointers, {@link #integer} for
 * int and unsigned int, {@link #index} for long long, {@link #number} for float. A launch runs on
 * the compute stream, returns at once and allocates nothing; the driver copies the arguments, so
 * that the table is free again when the call returns.
 */
public final class Kernel {
  /** The threads of a block where the kernel does not ask for a number of its own. */
  public static final int THREADS = 256;

  /** Blocks for each multiprocessor that are enough to fill it, of {@link #THREADS} threads. */
  private static final int BLOCKS_PER_MULTIPROCESSOR = 8;

  private static final int MOST_ARGUMENTS = 32;

  private final CudaContext context;
  private final KernelModule module;
  private final String name;
  private final ByteBuffer values =
      ByteBuffer.allocateDirect(MOST_ARGUMENTS * Long.BYTES).order(ByteOrder.nativeOrder());
  private final Pointer table;
  private CUfunction function;
  private int count;

  Kernel(CudaContext context, KernelModule module, String name) {
    this.context = context;
    this.module = module;
    this.name = name;
    ByteBuffer addresses =
        ByteBuffer.allocateDirect(MOST_ARGUMENTS * Long.BYTES).order(ByteOrder.nativeOrder());
    long start = MemorySegment.ofBuffer(values).address();
    for (int i = 0; i < MOST_ARGUMENTS; i++) {
      addresses.putLong(i * Long.BYTES, start + i * Long.BYTES);
    }
    table = Pointer.to(addresses);
  }

  /** Gives the next argument: a device address, 0 for none. */
  public Kernel address(long value) {
    values.putLong(next(), value);
    return this;
  }

  /** Gives the next argument: a long long. */
  public Kernel index(long value) {
    values.putLong(next(), value);
    return this;
  }

  /** Gives the next argument: an int or unsigned int. */
  public Kernel integer(int value) {
    values.putInt(next(), value);
    return this;
  }

  /** Gives the next argument: a float, rounded to nearest. */
  public Kernel number(double value) {
    values.putFloat(next(), (float) value);
    return this;
  }

  private int next() {
    return count++ * Long.BYTES;
  }

  /**
   * Launches as many blocks of {@link #THREADS} threads as fill the device, or fewer if there are
   * fewer items; the kernel goes over the items in steps of the grid. Nothing for no items.
   */
  public void launchOver(long items) {
    if (items == 0) {
      count = 0;
    } else {
      long wanted = (items + THREADS - 1) / THREADS;
      long most = (long) BLOCKS_PER_MULTIPROCESSOR * context.multiprocessors();
      launch((int) Math.min(wanted, most), THREADS);
    }
  }

  /** Launches a grid of one dimension. */
  public void launch(int blocks, int threads) {
    launch(blocks, 1, 1, threads, 1, 1, 0);
  }

  /** Launches a grid of one dimension with bytes of dynamic shared memory. */
  public void launch(int blocks, int threads, int sharedBytes) {
    launch(blocks, 1, 1, threads, 1, 1, sharedBytes);
  }

  /**
   * Launches a grid.
   *
   * @param blocksX of 1 or more
   * @param blocksY from 1 to 65535
   * @param blocksZ from 1 to 65535
   * @param threadsX of each block
   * @param threadsY of each block
   * @param threadsZ of each block
   * @param sharedBytes of dynamic shared memory, at most 48 KiB
   */
  public void launch(
      int blocksX,
      int blocksY,
      int blocksZ,
      int threadsX,
      int threadsY,
      int threadsZ,
      int sharedBytes) {
    count = 0;
    context.enter();
    if (function == null) {
      function = module.function(name);
    }
    int status =
        JCudaDriver.cuLaunchKernel(
            function,
            blocksX,
            blocksY,
            blocksZ,
            threadsX,
            threadsY,
            threadsZ,
            sharedBytes,
            context.compute(),
            table,
            null);
    if (status != Status.SUCCESS) {
      throw Status.driverFailure(
          status,
          "cuLaunchKernel",
          "%s, grid %d x %d x %d, block %d x %d x %d, %d bytes shared"
              .formatted(
                  name, blocksX, blocksY, blocksZ, threadsX, threadsY, threadsZ, sharedBytes));
    }
  }
}
