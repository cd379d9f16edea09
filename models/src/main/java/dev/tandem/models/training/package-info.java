/**
 * Training: losses, optimisers, schedules, the training step, the loop around it, and evaluation.
 */
package dev.tandem.models.training;
