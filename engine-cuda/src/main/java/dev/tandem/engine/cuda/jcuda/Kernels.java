package dev.tandem.engine.cuda.jcuda;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** All kernels of a backend, by the files in which they are written. */
public final class Kernels implements AutoCloseable {
  private final CudaContext context;
  private final KernelCompiler compiler;
  private final Map<String, KernelModule> modules = new HashMap<>();

  /**
   * Makes the kernels of a context.
   *
   * @param cache the folder in which compiled kernels are kept
   */
  public Kernels(CudaContext context, Path cache) {
    this.context = context;
    compiler = new KernelCompiler(context, new KernelCache(cache));
  }

  /** Returns the kernels of {@code kernels/FAMILY.cu}. */
  public KernelModule module(String family) {
    return modules.computeIfAbsent(family, made -> new KernelModule(context, compiler, made));
  }

  /** Returns for what kernels are compiled and by what, in words. */
  public String description() {
    return compiler.description();
  }

  /** Unloads all kernels. */
  @Override
  public void close() {
    context.enter();
    modules.values().forEach(KernelModule::close);
    modules.clear();
  }
}
