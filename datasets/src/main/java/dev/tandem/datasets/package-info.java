/**
 * Data on the host: bundled sets, the user's files, splits and batches. Knows nothing of tensors or
 * engines: it hands out {@link dev.tandem.datasets.HostArray}s and copies rows into buffers that
 * the caller owns.
 */
package dev.tandem.datasets;
