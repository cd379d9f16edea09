package dev.tandem.engine.cuda.jcuda;

/**
 * A way to compute one direction of a convolution.
 *
 * @param number cuDNN's number of it, counted for each direction by itself
 * @param name cuDNN's name of it, without what all names begin with
 * @param workspaceBytes the scratch memory that it needs
 */
record CudnnAlgorithm(int number, String name, long workspaceBytes) {}
