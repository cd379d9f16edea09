/**
 * Recurrent cells for reading: one time step of each, forward and backward, on plain arrays of
 * double, equation by equation. The scalar backend computes sequences with them; nothing in here is
 * tuned.
 *
 * <p>A matrix is stored row after row, {@code W[i][j]} at {@code W[i * columns + j]}. Weights are
 * PyTorch's: {@code weightIh [G*H,I], weightHh [G*H,H], biasIh [G*H], biasHh [G*H]}, with the rows
 * of the gates one block of H after another.
 */
package dev.tandem.engine.cells;
