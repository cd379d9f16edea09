package dev.tandem.engine.cuda.loading;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoaderCacheTest {
  private static final int X86_64 = 0x0303;
  private static final int I386 = 0x0803;

  @TempDir private Path folder;

  private record Entry(int flags, String name, String path) {}

  private static final List<Entry> ENTRIES =
      List.of(
          new Entry(X86_64, "libz.so.1", "/lib/z/libz.so.1"),
          new Entry(I386, "libcuda.so.1", "/lib/i386/libcuda.so.1"),
          new Entry(X86_64, "libcuda.so.1", "/lib/driver/libcuda.so.1"),
          new Entry(X86_64, "libcublas.so.12", "/usr/toolkit/libcublas.so.12"),
          new Entry(X86_64, "libcublasLt.so.12", "/usr/toolkit/libcublasLt.so.12"));

  /** Writes glibc's struct cache_file_new: a header of 48 bytes, entries of 24, the strings. */
  private static byte[] cache(List<Entry> entries) throws IOException {
    ByteArrayOutputStream strings = new ByteArrayOutputStream();
    int start = 48 + 24 * entries.size();
    ByteBuffer head = ByteBuffer.allocate(start).order(ByteOrder.LITTLE_ENDIAN);
    head.put("glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII));
    head.putInt(entries.size()).position(48);
    for (Entry entry : entries) {
      head.putInt(entry.flags());
      for (String text : List.of(entry.name(), entry.path())) {
        head.putInt(start + strings.size());
        strings.write(text.getBytes(StandardCharsets.US_ASCII));
        strings.write(0);
      }
      head.putInt(0).putLong(0);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(head.array());
    strings.writeTo(all);
    return all.toByteArray();
  }

  private List<Path> folders(byte[] cache) throws IOException {
    return LoaderCache.folders(Files.write(folder.resolve("ld.so.cache"), cache).toAbsolutePath());
  }

  @Test
  void foldersOfThisArchitectureAreReadEachOnce() throws IOException {
    assertThat(folders(cache(ENTRIES)))
        .containsExactly(Path.of("/lib/driver"), Path.of("/usr/toolkit"));
  }

  @Test
  void anOlderCacheMayComeFirst() throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write("ld.so-1.7.0 and its entries.....".getBytes(StandardCharsets.US_ASCII));
    both.write(cache(ENTRIES));
    assertThat(folders(both.toByteArray()))
        .containsExactly(Path.of("/lib/driver"), Path.of("/usr/toolkit"));
  }

  @Test
  void damageIsNoError() throws IOException {
    byte[] cache = cache(ENTRIES);
    for (int length = 0; length < cache.length; length++) {
      assertThat(folders(Arrays.copyOf(cache, length))).isEmpty();
    }
    assertThat(LoaderCache.folders(folder.resolve("missing").toAbsolutePath())).isEmpty();
  }
}
