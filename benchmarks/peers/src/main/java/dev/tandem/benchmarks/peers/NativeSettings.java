package dev.tandem.benchmarks.peers;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Settings of native libraries that have no Java method. */
@SuppressWarnings("restricted")
final class NativeSettings {
  /** Parameters of glibc's {@code mallopt}. */
  private static final int TRIM_THRESHOLD = -1;

  private static final int TOP_PAD = -2;
  private static final int MMAP_THRESHOLD = -3;

  /** The largest that glibc takes. */
  private static final int MOST_MMAP_THRESHOLD = 32 << 20;

  private static final int MORE_AT_A_TIME = 256 << 20;

  private static final Linker LINKER = Linker.nativeLinker();

  private NativeSettings() {}

  /** Takes a variable out of the environment of this process, for a library that will be loaded. */
  static void forget(String name) {
    Optional<MemorySegment> unsetenv = LINKER.defaultLookup().find("unsetenv");
    if (unsetenv.isPresent()) {
      try (Arena arena = Arena.ofConfined()) {
        call(
            unsetenv.get(),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
            arena.allocateFrom(name));
      }
    }
  }

  /**
   * Lets glibc keep memory that was freed. It would give large blocks back to the system, and a
   * library that takes and frees the same blocks in each step would have them cleared, page by
   * page, each time.
   */
  static void keepFreedMemory() {
    Optional<MemorySegment> mallopt = LINKER.defaultLookup().find("mallopt");
    if (mallopt.isPresent()) {
      FunctionDescriptor types =
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
      call(mallopt.get(), types, MMAP_THRESHOLD, MOST_MMAP_THRESHOLD);
      call(mallopt.get(), types, TRIM_THRESHOLD, Integer.MAX_VALUE);
      call(mallopt.get(), types, TOP_PAD, MORE_AT_A_TIME);
    }
  }

  /** Calls a function once; not for anything that is timed. */
  static Object call(MemorySegment symbol, FunctionDescriptor types, Object... arguments) {
    MethodHandle handle = LINKER.downcallHandle(symbol, types);
    try {
      return handle.invokeWithArguments(arguments);
    } catch (Throwable failure) {
      throw new IllegalStateException("a setting of a native library failed", failure);
    }
  }
}
