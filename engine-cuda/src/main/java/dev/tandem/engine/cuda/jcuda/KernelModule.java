package dev.tandem.engine.cuda.jcuda;

import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** The kernels of one file, compiled and loaded when the first of them is launched. */
public final class KernelModule {
  private final CudaContext context;
  private final KernelCompiler compiler;
  private final String family;
  private final Map<String, Kernel> kernels = new HashMap<>();
  private CUmodule module;

  KernelModule(CudaContext context, KernelCompiler compiler, String family) {
    this.context = context;
    this.compiler = compiler;
    this.family = family;
  }

  /** Returns a kernel of this file. A name that it does not have shows when it is launched. */
  public Kernel kernel(String name) {
    return kernels.computeIfAbsent(name, made -> new Kernel(context, this, made));
  }

  /** Returns the driver's handle of a kernel; the context is current. */
  CUfunction function(String name) {
    if (module == null) {
      module = compiler.load(family);
    }
    CUfunction function = new CUfunction();
    Status.driver(
        JCudaDriver.cuModuleGetFunction(function, module, name),
        "cuModuleGetFunction",
        "%s of %s.cu".formatted(name, family));
    return function;
  }

  void close() {
    if (module != null) {
      Status.driver(JCudaDriver.cuModuleUnload(module), "cuModuleUnload", family);
      module = null;
    }
  }
}
