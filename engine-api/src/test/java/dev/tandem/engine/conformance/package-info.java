/**
 * The conformance kit: what every backend must do, written once.
 *
 * <p>A backend's whole test is a class that extends {@link
 * dev.tandem.engine.conformance.BackendConformance} and names its provider. It runs one {@code
 * ...Conformance} class for each family of {@link dev.tandem.engine.Backend}.
 *
 * <p>A test describes a {@link dev.tandem.engine.conformance.Call}: operands with what they hold
 * before and must hold after. Running it checks the results and, on the way, everything that holds
 * for every operation: inputs and the memory around all operands stay as they were, any offset is
 * good, a second run, a captured run and any number of threads give the same bits.
 *
 * <p>What operands must hold comes from {@link dev.tandem.engine.conformance.Oracle}, small
 * formulas over numbers that carry the error which a backend may make: {@link
 * dev.tandem.engine.conformance.Bounded}. That is the only tolerance there is. Worked literals and
 * values from PyTorch anchor the formulas.
 */
package dev.tandem.engine.conformance;
