package dev.tandem.benchmarks.cases;

import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Tensor;
import java.util.List;
import java.util.function.Supplier;

/**
 * One operation of a backend, or the passes of one recurrent layer.
 *
 * @param suite operations or cells
 * @param name in tables
 * @param work of one run
 * @param spec what a peer needs to do the same, such as a {@link dev.tandem.engine.GemmSpec}; null
 *     where no peer is asked
 * @param preparation binds it to a backend
 */
public record OperationCase(
    Suite suite, String name, Work work, Object spec, Preparation preparation) implements Case {

  /** Takes tensors and binds the operation to them. */
  @FunctionalInterface
  public interface Preparation {
    /** Returns the bound operation; the same numbers on every backend. */
    Call prepare(Operands operands);
  }

  /**
   * An operation on tensors that are bound.
   *
   * @param operation runs it
   * @param result reads what it wrote
   * @param inputs what it reads, in the order of its parameters, for peers
   */
  public record Call(Runnable operation, Supplier<float[]> result, List<Tensor> inputs) {}

  /** An operation that is ready, with its operands. */
  public static final class Bound implements Prepared {
    private final Operands operands;
    private final Call call;

    private Bound(Operands operands, Call call) {
      this.operands = operands;
      this.call = call;
    }

    @Override
    public void run() {
      call.operation().run();
      operands.backend().synchronize();
    }

    @Override
    public float[] checked() {
      run();
      return call.result().get();
    }

    /** Returns the values of an operand, by its place in {@link Call#inputs}. */
    public float[] input(int index) {
      return operands.values(call.inputs().get(index));
    }

    @Override
    public void close() {
      operands.close();
    }
  }

  @Override
  public Bound prepare(String backend, BackendOptions options) {
    Operands operands = new Operands(backend, options);
    try {
      return new Bound(operands, preparation.prepare(operands));
    } catch (RuntimeException | Error failure) {
      operands.close();
      throw failure;
    }
  }
}
