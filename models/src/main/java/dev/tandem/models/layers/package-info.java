/**
 * Layers. Each file has a layer's equation, its forward and its backward pass side by side.
 *
 * <p>A {@link dev.tandem.models.layers.Layer} is a blueprint: settings, shapes and parameters, no
 * memory. Bound to a backend and a batch size it becomes a {@link
 * dev.tandem.models.layers.BoundLayer}, which owns nothing but knows its tensors and runs.
 */
package dev.tandem.models.layers;
