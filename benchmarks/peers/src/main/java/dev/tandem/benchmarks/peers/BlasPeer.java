package dev.tandem.benchmarks.peers;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.OperationCase;
import dev.tandem.benchmarks.cases.Prepared;
import dev.tandem.benchmarks.tour.Peer;
import dev.tandem.engine.GemmSpec;
import java.util.Optional;
import org.bytedeco.javacpp.FloatPointer;

/** A library with CBLAS's {@code sgemm}: matrix products, from and to its own native memory. */
abstract class BlasPeer implements Peer {
  /** Computes {@code C = A B} with row-major operands, as the spec transposes them. */
  abstract void multiply(GemmSpec spec, FloatPointer a, FloatPointer b, FloatPointer c);

  @Override
  public final Optional<Prepared> prepare(Case of, Prepared ours) {
    if (of instanceof OperationCase operation
        && operation.spec() instanceof GemmSpec spec
        && ours instanceof OperationCase.Bound bound) {
      return Optional.of(new Product(spec, bound));
    }
    return Optional.empty();
  }

  private final class Product implements Prepared {
    private final GemmSpec spec;
    private final FloatPointer a;
    private final FloatPointer b;
    private final FloatPointer c;

    Product(GemmSpec spec, OperationCase.Bound ours) {
      this.spec = spec;
      a = new FloatPointer(ours.input(0));
      b = new FloatPointer(ours.input(1));
      c = new FloatPointer((long) spec.m() * spec.n());
    }

    @Override
    public void run() {
      multiply(spec, a, b, c);
    }

    @Override
    public float[] checked() {
      run();
      float[] result = new float[spec.m() * spec.n()];
      c.get(result);
      return result;
    }

    @Override
    public void close() {
      a.close();
      b.close();
      c.close();
    }
  }
}
