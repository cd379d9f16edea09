package dev.tandem.engine.cuda.jcuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept of compiled kernels, and what is not believed. */
class KernelCacheTest {
  private static final byte[] CODE = {1, 2, 3, 4, 5};

  private static final Logger LOGGER = Logger.getLogger(KernelCache.class.getName());

  @TempDir private Path parent;
  private Path folder;
  private KernelCache cache;
  private String key;

  @BeforeAll
  static void beQuiet() {
    LOGGER.setLevel(Level.OFF);
  }

  @AfterAll
  static void speakAgain() {
    LOGGER.setLevel(null);
  }

  @BeforeEach
  void make() {
    folder = parent.resolve("caches").resolve("kernels");
    cache = new KernelCache(folder);
    key = KernelCache.key("source", "sm_90", "12.6");
  }

  @Test
  void findsWhatWasKept() {
    assertThat(cache.read(key)).isNull();
    cache.write(key, CODE);
    assertThat(new KernelCache(folder).read(key)).isEqualTo(CODE);
  }

  @Test
  void keysDifferInEveryPart() {
    assertThat(
            Stream.of(
                KernelCache.key("source", "sm_80", "12.6"),
                KernelCache.key("source", "sm_90", "13.0"),
                KernelCache.key("sourc", "esm_90", "12.6"),
                key))
        .doesNotHaveDuplicates();
    cache.write(key, CODE);
    assertThat(cache.read(KernelCache.key("source", "sm_80", "12.6"))).isNull();
  }

  @Test
  void keepsFilesPrivateAndLeavesNoneHalfWritten() throws IOException {
    cache.write(key, CODE);
    cache.write(key, new byte[] {9});
    assertThat(cache.read(key)).containsExactly(9);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file());
    }
  }

  @Test
  void doesNotBelieveADamagedFile() throws IOException {
    cache.write(key, CODE);
    byte[] bytes = Files.readAllBytes(file());
    for (int at = 0; at < bytes.length; at++) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= 1;
      Files.write(file(), damaged);
      assertThat(cache.read(key)).as("byte %d changed", at).isNull();
    }
    for (int length : new int[] {0, 31, 32, bytes.length - 1}) {
      Files.write(file(), Arrays.copyOf(bytes, length));
      assertThat(cache.read(key)).as("cut to %d bytes", length).isNull();
    }
    cache.write(key, CODE);
    assertThat(cache.read(key)).isEqualTo(CODE);
  }

  @Test
  void doesNotBelieveAFileThatOthersMayWrite() throws IOException {
    cache.write(key, CODE);
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-rw----"));
    assertThat(cache.read(key)).isNull();
  }

  @Test
  void usesNoFolderThatOthersMayWrite() throws IOException {
    cache.write(key, CODE);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(cache.read(key)).isNull();
    String other = KernelCache.key("other");
    cache.write(other, CODE);
    assertThat(folder.resolve(other + ".cubin")).doesNotExist();
  }

  @Test
  void followsNoLink() throws IOException {
    cache.write(key, CODE);
    Path elsewhere = parent.resolve("elsewhere");
    Files.move(file(), elsewhere);
    Files.createSymbolicLink(file(), elsewhere);
    assertThat(cache.read(key)).isNull();
  }

  @Test
  void doesWithoutAFolderThatCannotBeMade() throws IOException {
    Files.writeString(parent.resolve("caches"), "a file in the way");
    cache.write(key, CODE);
    assertThat(cache.read(key)).isNull();
  }

  private Path file() {
    return folder.resolve(key + ".cubin");
  }
}
