package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TarTest {
  private static List<String> entries(byte[] archive) throws IOException {
    List<String> found = new ArrayList<>();
    Tar.each(
        new ByteArrayInputStream(archive),
        (name, content, size) ->
            found.add(name + ":" + new String(content.readAllBytes(), StandardCharsets.UTF_8)));
    return found;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void readsFilesDirectoriesAndLongNames() throws IOException {
    String name = "a".repeat(120) + "/b.png";
    byte[] archive =
        new TarWriter()
            .add("dir/", new byte[0])
            .add("dir/one", bytes("1".repeat(513)))
            .add("link", '2', new byte[0])
            .add("././@LongLink", 'L', bytes(name + "\0"))
            .add("short", bytes("two"))
            .add("pax", 'x', bytes("20 mtime=1234567890\n20 path=sch\u00f6n/c.png\n"))
            .add("schoen", bytes("three"))
            .add("last", bytes(""))
            .bytes();
    assertThat(entries(archive))
        .containsExactly(
            "dir/:",
            "dir/one:" + "1".repeat(513),
            name + ":two",
            "sch\u00f6n/c.png:three",
            "last:");
  }

  @Test
  void joinsThePrefixOfPosix() throws IOException {
    byte[] archive = new TarWriter().add("b.png", bytes("x")).bytes();
    byte[] header = Arrays.copyOf(archive, 512);
    TarWriter.put(header, 345, "some/folder");
    TarWriter.put(header, 148, "        ");
    int sum = 0;
    for (byte value : header) {
      sum += value & 0xff;
    }
    TarWriter.put(header, 148, String.format("%06o\0 ", sum));
    System.arraycopy(header, 0, archive, 0, 512);
    assertThat(entries(archive)).containsExactly("some/folder/b.png:x");
  }

  @Test
  void needNotBeReadToBePassed() throws IOException {
    List<String> names = new ArrayList<>();
    byte[] archive = new TarWriter().add("one", new byte[700]).add("two", new byte[3]).bytes();
    Tar.each(new ByteArrayInputStream(archive), (name, content, size) -> names.add(name + size));
    assertThat(names).containsExactly("one700", "two3");
  }

  @Test
  void refusesWhatIsTruncatedOrNoArchive() {
    byte[] archive = new TarWriter().add("one", new byte[700]).bytes();
    assertThatThrownBy(() -> entries(Arrays.copyOf(archive, 600)))
        .isInstanceOf(IOException.class)
        .hasMessage("the archive ends inside a file");
    assertThatThrownBy(() -> entries(Arrays.copyOf(archive, 100)))
        .hasMessage("the archive ends inside a header");
    assertThatThrownBy(() -> entries(bytes("x".repeat(600))))
        .hasMessageStartingWith("it is no tar archive, or damaged");
    byte[] changed = archive.clone();
    changed[0] ^= 1;
    assertThatThrownBy(() -> entries(changed))
        .hasMessage("it is no tar archive, or damaged: a header's checksum is wrong");
    byte[] endless = TarWriter.header("long", 'L', 1L << 30);
    assertThatThrownBy(() -> entries(endless))
        .hasMessage("a name of 1073741824 bytes in a tar header");
  }
}
