package dev.tandem.engine;

import java.util.Map;
import java.util.Set;

/**
 * What a backend is and runs on.
 *
 * @param id {@code scalar}, {@code cpu} or {@code cuda}
 * @param device the device in words, for example the processor with its vector width
 * @param math the arithmetic of matrix products
 * @param threads the number of worker threads on the host
 * @param floatTypes the floating-point types that tensors may have
 * @param details versions, paths and chosen algorithms, by name, in the order in which to show them
 */
public record BackendInfo(
    String id,
    String device,
    MathMode math,
    int threads,
    Set<DataType> floatTypes,
    Map<String, String> details) {}
