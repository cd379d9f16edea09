package dev.tandem.models.flow;

import java.util.List;

/**
 * How gradients flowed through one recurrent layer at one moment of training.
 *
 * @param name of the moment, such as {@code beginning}
 * @param layer of the stack, counted from 0, the lowest
 * @param gates what the gates are called
 * @param norms for each step the mean over the sample of the norm of dL/dh_t, with L the loss of
 *     one sequence; NaN where no sequence has such a step
 * @param saturation for each gate and step the share of its units, over the sample, at which hardly
 *     any gradient passes: sigmoids outside 0.05 to 0.95, tanh outside -0.95 to 0.95, ReLU at 0
 */
public record FlowMoment(
    String name, int layer, List<String> gates, double[] norms, double[][] saturation) {}
