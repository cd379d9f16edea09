package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;

import dev.tandem.engine.Embedding;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Kernel;
import dev.tandem.engine.cuda.jcuda.KernelModule;

/** Table look-up. */
final class CudaEmbedding extends Embedding {
  private static final int WARP = 32;

  /** The columns of the table that one warp of scatter_add owns. */
  private static final int COLUMNS_OF_WARP = 128;

  /**
   * Each owner of rows reads all indices; more of them would share less work among themselves than
   * they read. With up to so many rows each owner has one, whose sums stay in registers.
   */
  private static final int MOST_OWNERS = 1024;

  private final Kernel gather;
  private final Kernel scatterAdd;

  CudaEmbedding(CudaBackend backend) {
    super(backend);
    KernelModule module = backend.kernels().module("embedding");
    gather = module.kernel("gather");
    scatterAdd = module.kernel("scatter_add");
  }

  @Override
  protected void computeGather(Tensor indices, Tensor table, Tensor out) {
    if (out.elements() > 0) {
      int columns = table.shape().columns();
      gather
          .index(indices.elements())
          .integer(columns)
          .integer(table.shape().rows())
          .address(address(indices))
          .address(address(table))
          .address(address(out));
      RowBlocks.launch(gather, indices.elements(), columns);
    }
  }

  @Override
  protected void computeScatterAdd(Tensor indices, int paddingIndex, Tensor dy, Tensor dtable) {
    if (dy.elements() > 0 && dtable.elements() > 0) {
      int vocabulary = dtable.shape().rows();
      int columns = dtable.shape().columns();
      int owners = RowBlocks.powerOfTwo(vocabulary, MOST_OWNERS);
      scatterAdd
          .index(indices.elements())
          .integer(columns)
          .integer(vocabulary)
          .integer(paddingIndex)
          .integer(owners)
          .address(address(indices))
          .address(address(dy))
          .address(address(dtable))
          .launch(
              (int) RowBlocks.parts((long) owners * WARP, Kernel.THREADS),
              (int) RowBlocks.parts(columns, COLUMNS_OF_WARP),
              1,
              Kernel.THREADS,
              1,
              1,
              0);
    }
  }
}
