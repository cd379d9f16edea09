package dev.tandem.datasets.detection;

/**
 * A box that a detector found.
 *
 * @param score how sure it is, from 0 to 1
 */
public record ScoredBox(BoundingBox box, double score) {}
