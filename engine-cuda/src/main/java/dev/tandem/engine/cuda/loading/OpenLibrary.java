package dev.tandem.engine.cuda.loading;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
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

  private final SymbolLookup symbols;

  private OpenLibrary(SymbolLookup symbols) {
    this.symbols = symbols;
  }

  /**
   * Opens a library.
   *
   * @throws IllegalArgumentException if the loader cannot; the message gives its reason
   */
  static OpenLibrary open(Path file) {
    return new OpenLibrary(SymbolLookup.libraryLookup(file, Arena.global()));
  }

  boolean has(String function) {
    return symbols.find(function).isPresent();
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
    MemorySegment address =
        symbols
            .find(function)
            .orElseThrow(() -> new IllegalArgumentException("it has no function " + function));
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
