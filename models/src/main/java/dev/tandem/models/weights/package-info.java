/** Trained parameters on disk, in the format that PyTorch and the Hugging Face hub use. */
package dev.tandem.models.weights;
