/**
 * How gradients flow back through time in a recurrent network, computed by the teaching cells of
 * {@link dev.tandem.engine.cells} from the weights of a real run.
 */
package dev.tandem.models.flow;
