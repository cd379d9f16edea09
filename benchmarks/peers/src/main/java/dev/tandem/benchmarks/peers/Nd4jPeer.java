package dev.tandem.benchmarks.peers;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.OperationCase;
import dev.tandem.benchmarks.cases.Prepared;
import dev.tandem.benchmarks.cases.StepCase;
import dev.tandem.benchmarks.cases.TandemStep;
import dev.tandem.benchmarks.tour.Peer;
import dev.tandem.engine.GemmSpec;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * ND4J: products, which it hands to the OpenBLAS that is on the class path; and with DL4J the
 * training steps of networks whose layers DL4J has.
 */
public final class Nd4jPeer implements Peer {
  /** Made by the service loader. */
  public Nd4jPeer() {}

  @Override
  public String name() {
    return "ND4J/DL4J 1.0.0-M2.1";
  }

  @Override
  public String settings() {
    return "Nd4j.gemm into a given array, all in its column-major order, so that it copies nothing; products by "
        + Nd4j.getExecutioner().getEnvironmentInformation().getProperty("blas.vendor")
        + " of the version and with the settings of the peer OpenBLAS; DL4J with workspaces, and oneDNN for convolutions and pools";
  }

  @Override
  public void open(int threads) {
    OpenBlasPeer.prepareToLoad();
    Nd4j.getEnvironment().setMaxMasterThreads(threads);
    // Its own setMaxThreads does nothing. This is OpenMP's, and holds for the thread that calls.
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
    Nd4j.factory().blas().setMaxThreads(threads);
  }

  @Override
  public Optional<Prepared> prepare(Case of, Prepared ours) {
    if (of instanceof OperationCase operation
        && operation.spec() instanceof GemmSpec spec
        && ours instanceof OperationCase.Bound bound) {
      return Optional.of(new Product(spec, bound));
    }
    if (of instanceof StepCase step
        && ours instanceof TandemStep tandem
        && Dl4jStep.has(step.network())) {
      return Optional.of(new Dl4jStep(step, tandem));
    }
    return Optional.empty();
  }

  /** {@code C^T = B^T A^T}: what lies row by row is the transpose, column by column. */
  private static final class Product implements Prepared {
    private final GemmSpec spec;
    private final INDArray a;
    private final INDArray b;
    private final INDArray c;

    Product(GemmSpec spec, OperationCase.Bound ours) {
      this.spec = spec;
      a = transposed(ours.input(0), spec.lda());
      b = transposed(ours.input(1), spec.ldb());
      c = Nd4j.create(DataType.FLOAT, new long[] {spec.n(), spec.m()}, 'f');
    }

    private static INDArray transposed(float[] matrix, int columns) {
      int[] shape = {columns, matrix.length / columns};
      return Nd4j.create(matrix, shape, 'f');
    }

    @Override
    public void run() {
      Nd4j.gemm(b, a, c, spec.transposeB(), spec.transposeA(), 1, 0);
    }

    @Override
    public float[] checked() {
      run();
      return c.data().asFloat();
    }

    @Override
    public void close() {
      a.close();
      b.close();
      c.close();
    }
  }
}
