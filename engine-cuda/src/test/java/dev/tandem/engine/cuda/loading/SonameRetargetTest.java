package dev.tandem.engine.cuda.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SonameRetargetTest {
  private static final Map<String, String> TO_13 = Map.of("libfakeblas.so.12", "libfakeblas.so.13");

  @TempDir private Path folder;

  @Test
  void aLibraryLoadsOnTheOtherVersion() throws Exception {
    NativeBuild.require();
    Path old = Files.createDirectories(folder.resolve("12"));
    Path blas12 = NativeBuild.library(old, "libfakeblas.so.12", "int version() { return 12; }");
    Path user =
        NativeBuild.library(
            folder,
            "libfakeuser.so.1",
            "extern int version(); int answer() { return 100 + version(); }",
            blas12);
    byte[] image = Files.readAllBytes(user);
    Files.delete(blas12);

    Path blas13 = NativeBuild.library(folder, "libfakeblas.so.13", "int version() { return 13; }");
    OpenLibrary.open(blas13);
    assertThatThrownBy(() -> OpenLibrary.open(user))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("libfakeblas.so.12");
    Files.write(user, SonameRetarget.retarget(image, TO_13));
    assertThat(OpenLibrary.open(user).call("answer")).isEqualTo(113);
  }

  @Test
  void aLibraryThatNeedsNoneOfThemIsUnchanged() throws Exception {
    NativeBuild.require();
    byte[] image =
        Files.readAllBytes(
            NativeBuild.library(folder, "libfakeplain.so.1", "int plain() { return 1; }"));
    assertThat(SonameRetarget.retarget(image, TO_13)).isEqualTo(image);
  }

  @ParameterizedTest
  @CsvSource({
    "libJCublas2-12.6.0-linux-x86_64.so, libcublas.so.12, libcublas.so.13",
    "libJNvrtc-12.6.0-linux-x86_64.so, libnvrtc.so.12, libnvrtc.so.13"
  })
  void jcudasOwnAreRetargetedForthAndBack(String file, String from, String to) throws IOException {
    byte[] image;
    try (InputStream in = SonameRetarget.class.getResourceAsStream("/lib/" + file)) {
      image = in.readAllBytes();
    }
    byte[] retargeted = SonameRetarget.retarget(image, Map.of(from, to));
    assertThat(names(image, to)).isFalse();
    assertThat(names(retargeted, to)).isTrue();
    assertThat(retargeted).hasSameSizeAs(image);
    assertThat(SonameRetarget.retarget(retargeted, Map.of(to, from))).isEqualTo(image);
  }

  /** The table of symbols that are not loaded names the old version on, so it is not asked for. */
  private static boolean names(byte[] image, String name) {
    return new String(image, StandardCharsets.ISO_8859_1).contains("\0" + name + "\0");
  }

  /** The literal is what readelf shows of any library that needs this version of glibc. */
  @Test
  void theHashIsThatOfTheLoader() {
    assertThat(SonameRetarget.hash("GLIBC_2.2.5")).isEqualTo(0x09691a75);
  }

  @Test
  void namesOfAnotherLengthAreRefused() {
    assertThatThrownBy(() -> SonameRetarget.retarget(new byte[0], Map.of("a.so.9", "a.so.10")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'a.so.9' cannot become 'a.so.10': the lengths differ");
  }

  @Test
  void whatIsNoSharedObjectIsRefused() {
    assertThatThrownBy(() -> SonameRetarget.retarget(new byte[500], TO_13))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a little-endian ELF64 file");
  }

  /** Wherever a file is cut off, it is refused or, past what is read, as good as whole. */
  @Test
  void damagedFilesAreRefused() throws IOException {
    byte[] image;
    try (InputStream in =
        SonameRetarget.class.getResourceAsStream("/lib/libJNvrtc-12.6.0-linux-x86_64.so")) {
      image = in.readAllBytes();
    }
    Map<String, String> renames = Map.of("libnvrtc.so.12", "libnvrtc.so.13");
    byte[] whole = SonameRetarget.retarget(image, renames);
    int refused = 0;
    for (int length = 0; length < image.length; length += 97) {
      try {
        byte[] cut = SonameRetarget.retarget(Arrays.copyOf(image, length), renames);
        assertThat(cut).isEqualTo(Arrays.copyOf(whole, length));
      } catch (IllegalArgumentException expected) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }
}
