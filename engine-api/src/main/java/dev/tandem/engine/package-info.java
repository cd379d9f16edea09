/**
 * The seam between models and engines.
 *
 * <p>A {@link dev.tandem.engine.Backend} offers one class per operation family. Models plan their
 * memory once ({@link dev.tandem.engine.MemoryPlan}), bind it once ({@link
 * dev.tandem.engine.TensorArena}) and then call operations that write into tensors the caller
 * gives. No operation allocates, returns a tensor or waits for the device unless its documentation
 * says so.
 *
 * <p>Conventions that hold for every operation:
 *
 * <ul>
 *   <li>Shapes are written {@code [N,C,H,W]}; the legend stands in the operation's documentation.
 *       Tensors are dense and row-major. "The rows of x" are its vectors along the last axis, so
 *       that {@code [N,T,F]} has N*T rows of F.
 *   <li>Gradients are called {@code dx, dy, dw, db}. Gradients of parameters are accumulated (added
 *       to what is there), gradients of inputs are overwritten.
 *   <li>All floating-point operands of a call have one type; backends accumulate in that type or a
 *       wider one.
 *   <li>The public methods check their operands and throw {@link
 *       java.lang.IllegalArgumentException} with a message that names the operation, the operand,
 *       what it is and what it should be. The checks live in this module, so that the messages are
 *       the same on every backend.
 *   <li>An output may not overlap an input unless the documentation says that both may be the same
 *       tensor.
 *   <li>Results are deterministic: same inputs, same bits, whatever the number of threads.
 * </ul>
 */
package dev.tandem.engine;
