/**
 * What the processor can do at most, measured by probes of our own, and how far a case is from it
 * (Williams, Waterman and Patterson 2009, "Roofline: an insightful visual performance model").
 */
package dev.tandem.benchmarks.roofline;
