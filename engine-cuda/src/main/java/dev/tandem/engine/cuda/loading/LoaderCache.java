package dev.tandem.engine.cuda.loading;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The cache of the dynamic loader, {@code /etc/ld.so.cache}: where each installed library lies.
 * Reading it costs less than starting {@code ldconfig -p}, which prints the same. The format is
 * glibc's {@code struct cache_file_new} of {@code sysdeps/generic/dl-cache.h}.
 */
final class LoaderCache {
  private static final String MAGIC = "glibc-ld.so.cache1.1";
  private static final int HEADER_BYTES = 48;
  private static final int ENTRY_BYTES = 24;
  private static final int ARCHITECTURE = 0xff00;
  private static final int X86_64 = 0x0300;
  private static final List<String> WANTED =
      List.of("libcuda.so.1", "libcublas.so.", "libcublasLt.so.", "libnvrtc.so.", "libcudnn.so.");

  private LoaderCache() {}

  /**
   * Returns the folders that hold a library of NVIDIA's.
   *
   * @param file the cache; one that is missing or of another format has none: the usual folders are
   *     searched anyway
   */
  static List<Path> folders(Path file) {
    try {
      return folders(Files.readAllBytes(file), file.getRoot());
    } catch (IOException | RuntimeException unreadable) {
      return List.of();
    }
  }

  private static List<Path> folders(byte[] cache, Path root) {
    // Before glibc 2.32 an older cache comes first; positions count from the magic number.
    int start = new String(cache, StandardCharsets.ISO_8859_1).indexOf(MAGIC);
    if (start < 0) {
      return List.of();
    }
    ByteBuffer bytes =
        ByteBuffer.wrap(cache, start, cache.length - start).slice().order(ByteOrder.LITTLE_ENDIAN);
    int count = bytes.getInt(MAGIC.length());
    Set<Path> folders = new LinkedHashSet<>();
    for (int i = 0; i < count; i++) {
      int entry = HEADER_BYTES + i * ENTRY_BYTES;
      boolean native64 = (bytes.getInt(entry) & ARCHITECTURE) == X86_64;
      String name = string(bytes, bytes.getInt(entry + 4));
      if (native64 && WANTED.stream().anyMatch(name::startsWith)) {
        folders.add(root.resolve(string(bytes, bytes.getInt(entry + 8))).getParent());
      }
    }
    return new ArrayList<>(folders);
  }

  private static String string(ByteBuffer bytes, int start) {
    int end = start;
    while (bytes.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - start];
    bytes.get(start, text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
