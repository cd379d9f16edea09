package dev.tandem.models.metrics;

/**
 * Precision, recall and F1 of one class, or their average over classes; all in [0, 1].
 *
 * @param precision true positives / predicted positives
 * @param recall true positives / actual positives
 * @param f1 harmonic mean of the two
 * @param support actual examples behind the numbers
 */
public record ClassScores(double precision, double recall, double f1, long support) {}
