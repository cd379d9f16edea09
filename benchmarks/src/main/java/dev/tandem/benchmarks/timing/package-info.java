/** How time and allocation are measured outside of JMH. */
package dev.tandem.benchmarks.timing;
