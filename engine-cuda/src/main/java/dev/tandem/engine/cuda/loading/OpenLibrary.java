package dev.tandem.engine.cuda.loading;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A native library, opened for as long as the program runs. The few questions that decide whether
 * JCuda can be loaded are asked here through the JDK's own foreign functions, so that no class of
 * JCuda is needed for them. Once a library is open, the dynamic loader satisfies whatever needs its
 * SONAME with it, wherever it lies; so no {@code LD_LIBRARY_PATH} is needed.
 */
@SuppressWarnings("restricted")
final class OpenLibrary {
  /** Stands for an address in the arguments of a call. */
  static final Object STORED = new Object();

  private static final int RTLD_LAZY = 1;

  private static final MethodHandle DLERROR =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("dlerror"),
              FunctionDescriptor.of(ValueLayout.ADDRESS));

  private final MemorySegment handle;

  private OpenLibrary(MemorySegment handle) {
    this.handle = handle;
  }

  /**
   * Opens a library. The JDK's own way of doing so does not tell why it failed.
   *
   * @throws IllegalArgumentException if the loader cannot; the message is the loader's
   */
  static OpenLibrary open(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(file.toString());
      error(); // The first call links it, for which the JVM itself asks the loader.
      MemorySegment handle = (MemorySegment) system("dlopen", ValueLayout.ADDRESS, name, RTLD_LAZY);
      if (handle.equals(MemorySegment.NULL)) {
        throw new IllegalArgumentException(error());
      }
      return new OpenLibrary(handle);
    }
  }

  /** Returns the loader's account of its last failure on this thread, and forgets it. */
  private static String error() {
    MemorySegment text;
    try {
      text = (MemorySegment) DLERROR.invokeExact();
    } catch (Throwable impossible) { // A C function throws nothing.
      throw new IllegalStateException("dlerror could not be called", impossible);
    }
    return text.equals(MemorySegment.NULL)
        ? "the loader gives no reason"
        : text.reinterpret(Long.MAX_VALUE).getString(0);
  }

  private static Object system(String function, MemoryLayout result, Object... arguments) {
    MemorySegment address = Linker.nativeLinker().defaultLookup().findOrThrow(function);
    return invoke(function, address, result, arguments);
  }

  private MemorySegment find(String function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(function);
      return (MemorySegment) system("dlsym", ValueLayout.ADDRESS, handle, name);
    }
  }

  boolean has(String function) {
    return !find(function).equals(MemorySegment.NULL);
  }

  /**
   * Calls a function that returns an {@code int}.
   *
   * @param arguments each an {@link Integer} or a {@link MemorySegment}, which passes its address
   * @throws IllegalArgumentException if there is no such function
   */
  int call(String function, Object... arguments) {
    return (int) invoke(function, ValueLayout.JAVA_INT, arguments);
  }

  /** Calls a function without arguments that returns a {@code size_t}. */
  long size(String function) {
    return (long) invoke(function, ValueLayout.JAVA_LONG);
  }

  /**
   * Calls a function that stores one {@code int} or several, and returns a status.
   *
   * @param count how many
   * @param arguments of the call, in which {@link #STORED} stands for the next address to store at
   * @return the values; none if there is no such function or its status is not 0
   */
  Optional<int[]> storedInts(String function, int count, Object... arguments) {
    if (!has(function)) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(ValueLayout.JAVA_INT, count);
      int next = 0;
      for (int i = 0; i < arguments.length; i++) {
        if (arguments[i] == STORED) {
          arguments[i] = values.asSlice(Integer.BYTES * next++);
        }
      }
      return call(function, arguments) == 0
          ? Optional.of(values.toArray(ValueLayout.JAVA_INT))
          : Optional.empty();
    }
  }

  /** Calls a function that stores one {@code int}; see {@link #storedInts}. */
  Optional<Integer> storedInt(String function, Object... arguments) {
    return storedInts(function, 1, arguments).map(values -> values[0]);
  }

  private Object invoke(String function, MemoryLayout result, Object... arguments) {
    MemorySegment address = find(function);
    if (address.equals(MemorySegment.NULL)) {
      throw new IllegalArgumentException("it has no function " + function);
    }
    return invoke(function, address, result, arguments);
  }

  private static Object invoke(
      String function, MemorySegment address, MemoryLayout result, Object... arguments) {
    MemoryLayout[] parameters =
        Arrays.stream(arguments)
            .map(a -> a instanceof Integer ? ValueLayout.JAVA_INT : ValueLayout.ADDRESS)
            .toArray(MemoryLayout[]::new);
    FunctionDescriptor signature = FunctionDescriptor.of(result, parameters);
    try {
      return Linker.nativeLinker()
          .downcallHandle(address, signature)
          .invokeWithArguments(arguments);
    } catch (Throwable impossible) { // A C function throws nothing.
      throw new IllegalStateException(function + " could not be called", impossible);
    }
  }
}
