package dev.tandem.engine.cuda.loading;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What the search asks of NVIDIA's driver. */
interface Driver {
  /** Returns the newest CUDA that the driver runs, for example 12060. */
  int version();

  /** Starts the driver; returns {@code cuInit}'s status, 0 if all is well. */
  int initialize();

  /** Returns the driver's own text for a status. */
  String text(int status);

  /** Returns the first device, if there is one. */
  Optional<Gpu> gpu();

  /** The driver in a library. */
  record Loaded(OpenLibrary library) implements Driver {
    /** CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR. */
    private static final int CAPABILITY_MAJOR = 75;

    /** CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR. */
    private static final int CAPABILITY_MINOR = 76;

    private static final int NAME_BYTES = 256;

    @Override
    public int version() {
      return library.storedInt("cuDriverGetVersion", OpenLibrary.STORED).orElse(0);
    }

    @Override
    public int initialize() {
      return library.call("cuInit", 0);
    }

    @Override
    @SuppressWarnings("restricted")
    public String text(int status) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
        if (library.call("cuGetErrorString", status, pointer) != 0) {
          return "unknown status";
        }
        MemorySegment text = pointer.get(ValueLayout.ADDRESS, 0);
        return text.reinterpret(Long.MAX_VALUE).getString(0, StandardCharsets.UTF_8);
      }
    }

    @Override
    public Optional<Gpu> gpu() {
      if (library.storedInt("cuDeviceGetCount", OpenLibrary.STORED).orElse(0) == 0) {
        return Optional.empty();
      }
      int device = library.storedInt("cuDeviceGet", OpenLibrary.STORED, 0).orElseThrow();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment name = arena.allocate(NAME_BYTES);
        MemorySegment bytes = arena.allocate(ValueLayout.JAVA_LONG);
        library.call("cuDeviceGetName", name, NAME_BYTES, device);
        library.call("cuDeviceTotalMem_v2", bytes, device);
        return Optional.of(
            new Gpu(
                name.getString(0, StandardCharsets.UTF_8),
                bytes.get(ValueLayout.JAVA_LONG, 0),
                attribute(CAPABILITY_MAJOR, device),
                attribute(CAPABILITY_MINOR, device)));
      }
    }

    private int attribute(int attribute, int device) {
      return library
          .storedInt("cuDeviceGetAttribute", OpenLibrary.STORED, attribute, device)
          .orElse(0);
    }
  }
}
