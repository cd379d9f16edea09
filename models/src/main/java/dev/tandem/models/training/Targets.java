package dev.tandem.models.training;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.detection.GridEncoding;

/**
 * What the outputs for some examples should be, in the form that the loss takes.
 *
 * @param values one row for each example
 * @param perStep whether a row has something for each step of a sequence
 * @param grid turns rows of boxes into targets and weights; null for other tasks
 */
public record Targets(HostArray values, boolean perStep, GridEncoding grid) {}
