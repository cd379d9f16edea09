/** Measures of how well a model does, accumulated example by example on the host. */
package dev.tandem.models.metrics;
