package dev.tandem.models.metrics;

/**
 * How well the things of one class were found.
 *
 * @param averagePrecision at an intersection over union of 0.5, in [0, 1]
 * @param strictAveragePrecision the mean over the thresholds 0.5, 0.55 ... 0.95, in [0, 1]
 * @param recall the share of true boxes that a predicted box of any score matches at 0.5
 * @param predicted predicted boxes
 * @param support true boxes, at least 1
 */
public record DetectionScores(
    double averagePrecision,
    double strictAveragePrecision,
    double recall,
    long predicted,
    long support) {}
