package dev.tandem.datasets;

import java.util.List;

/**
 * A data set ready for training.
 *
 * @param classNames in the order of the class ids; empty for regression
 * @param inputNames the name of each input of a table; empty for arrays
 * @param targetNames the target column of a table; of arrays {@code target1} and so on
 * @param validation may have size 0
 * @param test may have size 0
 * @param notes what was decided, filled in, dropped or left out, one sentence each, for the user to
 *     see
 */
public record Dataset(
    String name,
    Task task,
    List<String> classNames,
    List<String> inputNames,
    List<String> targetNames,
    Examples train,
    Examples validation,
    Examples test,
    Provenance provenance,
    Preprocessing preprocessing,
    List<String> notes) {}
