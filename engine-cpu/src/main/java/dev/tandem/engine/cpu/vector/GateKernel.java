package dev.tandem.engine.cpu.vector;

/**
 * A loop of {@link GateKernels}. Kernels are called through here alone, so that this call has too
 * many targets for C2 to inline them: as parts of one method they are more than it inlines as a
 * whole, and the vectors of the last ones become objects on the heap.
 */
@FunctionalInterface
interface GateKernel {
  /** Runs the loop over some units of some sequences. */
  void run(GateOperands operands);

  /** Runs a kernel; it may not be a constant for the caller, which C2 would inline. */
  static void call(GateKernel kernel, GateOperands operands) {
    kernel.run(operands);
  }
}
