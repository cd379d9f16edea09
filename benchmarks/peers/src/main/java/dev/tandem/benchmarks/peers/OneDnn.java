package dev.tandem.benchmarks.peers;

import ai.djl.pytorch.jni.LibUtils;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Whether libtorch uses oneDNN or loops of its own, as Python's {@code
 * torch.backends.mkldnn.enabled} says; DJL has no method for it. oneDNN trains an LSTM by its
 * reference implementation, which is at times the slower one.
 */
@SuppressWarnings("restricted")
final class OneDnn {
  private final MemorySegment context;
  private final MethodHandle enable;

  /** Finds the switch; libtorch must be loaded. */
  OneDnn() {
    SymbolLookup symbols =
        SymbolLookup.libraryLookup(
            Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu")),
            Arena.global());
    context =
        (MemorySegment)
            NativeSettings.call(
                symbols.findOrThrow("_ZN2at13globalContextEv"),
                FunctionDescriptor.of(ValueLayout.ADDRESS));
    enable =
        Linker.nativeLinker()
            .downcallHandle(
                symbols.findOrThrow("_ZN2at7Context20setUserEnabledMkldnnEb"),
                FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_BOOLEAN));
  }

  /** Sets it for all that runs from now on. */
  void use(boolean oneDnn) {
    try {
      enable.invokeExact(context, oneDnn);
    } catch (Throwable failure) {
      throw new IllegalStateException("libtorch did not take a setting", failure);
    }
  }
}
