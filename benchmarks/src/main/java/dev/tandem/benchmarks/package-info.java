/**
 * Measurements with JMH, one class for each operation family. Every benchmark checks its result
 * before it is timed. In the Maven profile {@code peers}, comparisons with other libraries.
 */
package dev.tandem.benchmarks;
