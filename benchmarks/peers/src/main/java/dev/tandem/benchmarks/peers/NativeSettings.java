package dev.tandem.benchmarks.peers;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

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
    try (Arena arena = Arena.ofConfined()) {
      call(
          libc("unsetenv"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
          arena.allocateFrom(name));
    }
  }

  /** Puts a variable into the environment of this process, for a library that will be loaded. */
  static void set(String name, String value) {
    try (Arena arena = Arena.ofConfined()) {
      FunctionDescriptor types =
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
      call(libc("setenv"), types, arena.allocateFrom(name), arena.allocateFrom(value), 1);
    }
  }

  /**
   * Keeps JavaCPP, unless it is loaded, from asking the system for the memory in use whenever it
   * allocates: ND4J does so for every small array.
   */
  static void countNoMemory() {
    System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
  }

  /**
   * Lets glibc keep memory that was freed. It would give large blocks back to the system, and a
   * library that takes and frees the same blocks in each step would have them cleared, page by
   * page, each time.
   */
  static void keepFreedMemory() {
    FunctionDescriptor types =
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    MemorySegment mallopt = libc("mallopt");
    call(mallopt, types, MMAP_THRESHOLD, MOST_MMAP_THRESHOLD);
    call(mallopt, types, TRIM_THRESHOLD, Integer.MAX_VALUE);
    call(mallopt, types, TOP_PAD, MORE_AT_A_TIME);
  }

  /** Finds a function of glibc, for which the peers' libraries are built. */
  private static MemorySegment libc(String function) {
    return LINKER.defaultLookup().findOrThrow(function);
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
