package dev.tandem.datasets;

/** The rows of each part of a data set, ascending; every row is in at most one part. */
public record Split(int[] train, int[] validation, int[] test) {}
