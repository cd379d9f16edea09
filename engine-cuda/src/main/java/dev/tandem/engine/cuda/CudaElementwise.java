package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;

import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Elementwise;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Kernel;
import dev.tandem.engine.cuda.jcuda.KernelModule;

/** Operations element by element. */
final class CudaElementwise extends Elementwise {
  /** The sides of a tile of {@link #computeTranspose2d}, and the rows of threads that move it. */
  private static final int TILE = 32;

  private static final int TILE_ROWS = 8;

  /** A grid of one dimension may be longer, but the kernel goes over the tiles in its steps. */
  private static final int MOST_TILES = 1 << 16;

  private final Kernel[] binary = new Kernel[Binary.values().length];
  private final Kernel scale;
  private final Kernel axpy;
  private final Kernel multiplyAdd;
  private final Kernel clamp;
  private final Kernel transpose2d;
  private final Kernel swapAxes;

  CudaElementwise(CudaBackend backend) {
    super(backend);
    KernelModule module = backend.kernels().module("elementwise");
    for (Binary operation : Binary.values()) {
      String name =
          switch (operation) {
            case ADD -> "add";
            case SUBTRACT -> "subtract";
            case MULTIPLY -> "multiply";
            case DIVIDE -> "divide";
          };
      binary[operation.ordinal()] = module.kernel(name);
    }
    scale = module.kernel("scale");
    axpy = module.kernel("axpy");
    multiplyAdd = module.kernel("multiply_add");
    clamp = module.kernel("clamp");
    transpose2d = module.kernel("transpose2d");
    swapAxes = module.kernel("swap_axes");
  }

  @Override
  protected void computeBinary(
      Binary operation, Tensor x, Tensor y, Broadcast broadcast, Tensor out) {
    binary[operation.ordinal()]
        .index(x.elements())
        .index(broadcast == Broadcast.CHANNEL ? elementsBehindChannel(x) : 1)
        .index(y.elements())
        .address(address(x))
        .address(address(y))
        .address(address(out))
        .launchOver(x.elements());
  }

  /** Returns S of a tensor {@code [N,C,...]} with S elements behind each (n, c). */
  private static long elementsBehindChannel(Tensor x) {
    long elements = 1;
    for (int axis = 2; axis < x.shape().rank(); axis++) {
      elements *= x.shape().dimension(axis);
    }
    return elements;
  }

  @Override
  protected void computeScale(double alpha, Tensor x, Tensor out) {
    scale
        .index(x.elements())
        .number(alpha)
        .address(address(x))
        .address(address(out))
        .launchOver(x.elements());
  }

  @Override
  protected void computeAxpy(double alpha, Tensor x, Tensor y) {
    axpy.index(x.elements())
        .number(alpha)
        .address(address(x))
        .address(address(y))
        .launchOver(x.elements());
  }

  @Override
  protected void computeMultiplyAdd(Tensor x, Tensor y, Tensor z, Tensor out) {
    multiplyAdd
        .index(x.elements())
        .address(address(x))
        .address(address(y))
        .address(address(z))
        .address(address(out))
        .launchOver(x.elements());
  }

  @Override
  protected void computeClamp(double low, double high, Tensor x, Tensor out) {
    clamp
        .index(x.elements())
        .number(low)
        .number(high)
        .address(address(x))
        .address(address(out))
        .launchOver(x.elements());
  }

  @Override
  protected void computeTranspose2d(Tensor x, Tensor out) {
    int rows = x.shape().dimension(0);
    int columns = x.shape().dimension(1);
    long tiles = (rows + TILE - 1L) / TILE * ((columns + TILE - 1L) / TILE);
    if (tiles > 0) {
      transpose2d.address(address(x)).address(address(out)).integer(rows).integer(columns);
      transpose2d.launch((int) Math.min(tiles, MOST_TILES), 1, 1, TILE, TILE_ROWS, 1, 0);
    }
  }

  @Override
  protected void computeSwapAxes(Tensor x, Tensor out) {
    swapAxes
        .address(address(x))
        .address(address(out))
        .integer(x.shape().dimension(0))
        .integer(x.shape().dimension(1))
        .integer(x.shape().dimension(2))
        .launchOver(x.elements());
  }
}
