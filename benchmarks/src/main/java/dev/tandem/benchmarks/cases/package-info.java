/**
 * What is measured: operations, cells and training steps, each with the least arithmetic and memory
 * traffic that it can do with. JMH's suites and {@code tandem bench} measure the same cases.
 */
package dev.tandem.benchmarks.cases;
