package dev.tandem.datasets;

import java.util.List;

/**
 * New inputs with their targets, ready for the network.
 *
 * @param notes what the user should know, such as how many tokens training did not know
 */
public record EncodedExamples(Examples examples, List<String> notes) {}
