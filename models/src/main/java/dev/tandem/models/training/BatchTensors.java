package dev.tandem.models.training;

import dev.tandem.engine.Tensor;

/**
 * Where a batch is put on the device.
 *
 * @param input the program's input
 * @param lengths the steps of each sequence; null if all have as many
 * @param targets what the output should be; null if only outputs are wanted
 * @param weights how much each element of the loss counts; null if all count the same
 */
public record BatchTensors(Tensor input, Tensor lengths, Tensor targets, Tensor weights) {}
