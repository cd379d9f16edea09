package dev.tandem.engine.cuda.jcuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;

/**
 * Compiles kernels for the device at run time: to its machine code, because a compiler newer than
 * the driver writes PTX that the driver refuses. Only for a device newer than the compiler, PTX of
 * the newest architecture that the compiler knows, which the driver translates.
 */
final class KernelCompiler {
  private static final String FOLDER = "/dev/tandem/engine/cuda/kernels/";
  private static final String COMMON = "common.cuh";
  private static final String INCLUDE = "#include \"" + COMMON + "\"\n";

  private final CudaContext context;
  private final KernelCache cache;
  private String architecture;
  private boolean isPtx;
  private String version;

  KernelCompiler(CudaContext context, KernelCache cache) {
    this.context = context;
    this.cache = cache;
  }

  /** Returns for what kernels are compiled and by what, in words. */
  String description() {
    identify();
    return "%s by NVRTC %s".formatted(architecture, version);
  }

  /**
   * Compiles a family's kernels, or finds them compiled, and loads them; the context is current.
   */
  CUmodule load(String family) {
    identify();
    String source = source(family);
    String key = KernelCache.key(source, architecture, version);
    byte[] code = cache.read(key);
    if (code != null) {
      CUmodule module = new CUmodule();
      if (JCudaDriver.cuModuleLoadData(module, code) == Status.SUCCESS) {
        return module;
      }
    }
    byte[] compiled = compile(family, source);
    CUmodule module = new CUmodule();
    Status.driver(
        JCudaDriver.cuModuleLoadData(module, compiled),
        "cuModuleLoadData",
        "%s.cu compiled for %s by NVRTC %s".formatted(family, architecture, version));
    cache.write(key, compiled);
    return module;
  }

  private void identify() {
    if (version == null) {
      int[] major = new int[1];
      int[] minor = new int[1];
      Status.nvrtc(JNvrtc.nvrtcVersion(major, minor), "nvrtcVersion", "");
      int newest = newestKnown();
      isPtx = context.architecture() > newest;
      architecture = isPtx ? "compute_" + newest : "sm_" + context.architecture();
      version = major[0] + "." + minor[0];
    }
  }

  /** Returns the newest architecture for which NVRTC compiles: 90 for sm_90. */
  private static int newestKnown() {
    int[] count = new int[1];
    Status.nvrtc(JNvrtc.nvrtcGetNumSupportedArchs(count), "nvrtcGetNumSupportedArchs", "");
    int[] known = new int[count[0]];
    Status.nvrtc(JNvrtc.nvrtcGetSupportedArchs(known), "nvrtcGetSupportedArchs", "");
    return Arrays.stream(known).max().orElseThrow();
  }

  private byte[] compile(String family, String source) {
    nvrtcProgram program = new nvrtcProgram();
    String file = family + ".cu";
    Status.nvrtc(
        JNvrtc.nvrtcCreateProgram(program, source, file, 0, null, null),
        "nvrtcCreateProgram",
        file);
    try {
      String[] options = {"--gpu-architecture=" + architecture, "--std=c++17"};
      int status = JNvrtc.nvrtcCompileProgram(program, options.length, options);
      if (status != Status.SUCCESS) {
        String[] log = new String[1];
        JNvrtc.nvrtcGetProgramLog(program, log);
        String operands = "%s, %s".formatted(file, String.join(" ", options));
        throw new CudaException(
            "nvrtcCompileProgram(%s) of NVRTC %s failed: %s%n%s"
                .formatted(operands, version, JNvrtc.nvrtcGetErrorString(status), log[0]),
            status);
      }
      return isPtx ? ptx(program, file) : machineCode(program, file);
    } finally {
      JNvrtc.nvrtcDestroyProgram(program);
    }
  }

  private static byte[] machineCode(nvrtcProgram program, String file) {
    long[] size = new long[1];
    Status.nvrtc(JNvrtc.nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize", file);
    byte[] code = new byte[Math.toIntExact(size[0])];
    Status.nvrtc(JNvrtc.nvrtcGetCUBIN(program, code), "nvrtcGetCUBIN", file);
    return code;
  }

  private static byte[] ptx(nvrtcProgram program, String file) {
    String[] text = new String[1];
    Status.nvrtc(JNvrtc.nvrtcGetPTX(program, text), "nvrtcGetPTX", file);
    // The driver reads to the first 0.
    return (text[0] + "\0").getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns a family's kernels with what they include in the place of the include. */
  private static String source(String family) {
    String text = resource(family + ".cu");
    String common = "#line 1 \"%s\"%n%s#line 2 \"%s.cu\"%n";
    if (!text.startsWith(INCLUDE)) {
      throw new IllegalStateException(
          "%s.cu does not begin with %s (let it)".formatted(family, INCLUDE.strip()));
    }
    return common.formatted(COMMON, resource(COMMON), family) + text.substring(INCLUDE.length());
  }

  private static String resource(String name) {
    try (InputStream in = KernelCompiler.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException(
            "%s%s is missing from the program (build it anew)".formatted(FOLDER, name));
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }
}
