/** {@code tandem bench}: measures cases on every backend, beside peers, and reports. */
package dev.tandem.benchmarks.tour;
