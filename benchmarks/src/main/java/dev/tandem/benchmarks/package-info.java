/**
 * JMH's suites, one class for each operation family, each cell, and training steps. Every benchmark
 * checks its result before it is timed.
 */
package dev.tandem.benchmarks;
