/**
 * Other libraries, each with its best settings: as many threads as ours, data in place before the
 * timed part, no copies in it.
 */
package dev.tandem.benchmarks.peers;
