/**
 * The oracle: every operation as a plain loop over doubles, under its equation. To be read, and to
 * check the fast backends and the derivatives against; it is never made faster.
 */
package dev.tandem.engine.cpu.scalar;
