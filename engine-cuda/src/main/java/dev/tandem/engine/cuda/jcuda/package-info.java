/**
 * NVIDIA's interfaces as the backend uses them: the only package that imports JCuda's classes. A
 * class of it may be touched only after {@link dev.tandem.engine.cuda.loading.CudaLibraries#load}.
 *
 * <p>Nothing that runs in a training step allocates on the Java heap: arguments and scalars are
 * written to direct buffers made once, and pointers into device memory are kept.
 */
package dev.tandem.engine.cuda.jcuda;
