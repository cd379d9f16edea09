package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageEntriesTest {
  private static Path mirrorOf(String id) {
    String given = System.getenv("TANDEM_MIRROR");
    // Surefire runs in the module's directory, one below the root of the repository.
    Path mirror = Path.of(given != null ? given : "../../shared/data");
    assumeTrue(
        Files.isDirectory(mirror.resolve(id)), "no mirror with " + id + ": set TANDEM_MIRROR");
    return mirror;
  }

  /** The means are those that everybody uses for these sets, over the 60,000 training pictures. */
  @ParameterizedTest
  @CsvSource({
    "mnist, 0.1307, 0.3081, 5, 7",
    "fashion-mnist, 0.2860, 0.3530, Ankle boot, Ankle boot"
  })
  void readsTheIdxFilesOfTheMirror(
      String id, double mean, double deviation, String first, String firstOfTest) {
    RawDataset raw = Catalog.load(id, mirrorOf(id));
    Dataset data = raw.prepare(Splits.holdout(raw, 0, 0.2, 0));
    assertThat(data.train().inputs()).hasToString("float32 [60000,1,28,28]");
    assertThat(data.test().inputs()).hasToString("float32 [10000,1,28,28]");
    assertThat(data.preprocessing().columns().get(0).mean()).isEqualTo(mean, within(5e-5));
    assertThat(data.preprocessing().columns().get(0).scale()).isEqualTo(deviation, within(5e-5));
    assertThat(data.classNames().get(data.train().targets().ints()[0])).isEqualTo(first);
    assertThat(data.classNames().get(data.test().targets().ints()[0])).isEqualTo(firstOfTest);
    assertThat(Arrays.stream(data.test().targets().ints()).distinct().count()).isEqualTo(10);
    assertThat(data.provenance().origin()).isEqualTo("mirror");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mnist", "fashion-mnist", "cifar10", "cifar10-jpeg"})
  void namesTheSourceOfAnAbsentSet(String id) {
    Catalog.Entry entry = Catalog.entry(id);
    assertThatThrownBy(() -> Catalog.load(id, null))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("data set '" + id + "' is not here, TANDEM_MIRROR is not set")
        .hasMessageContaining(entry.source())
        .hasMessageContaining("DIR/" + id + "/" + entry.files().get(0).name());
  }

  /**
   * Of 60,000 pictures the first of each class and part are decoded: all would take ten seconds.
   */
  @Test
  void readsPicturesOfTheMirrorsArchive() {
    Path archive = mirrorOf("cifar10-jpeg").resolve("cifar10-jpeg/cifar10-jpeg.tar.gz");
    FileTree whole = FileTree.of(archive);
    Catalog.Entry entry = Catalog.entry("cifar10-jpeg");
    assertThat(whole.sha256(Set.of())).isEqualTo(entry.files().get(0).sha256());
    PictureLayout layout = PictureLayout.of(whole.names(), true);
    assertThat(layout.pictures()).hasSize(60_000);
    assertThat(layout.pictures().stream().filter(PictureLayout.Found::test)).hasSize(10_000);
    assertThat(layout.emptyClasses()).isEmpty();
    List<String> firsts =
        layout.pictures().stream()
            .map(PictureLayout.Found::name)
            .filter(name -> name.endsWith("/0000.jpg"))
            .toList();
    PixelDataset raw =
        PictureFolder.read("firsts", new Part(whole, firsts), PictureOptions.DEFAULT, null);
    assertThat(raw.size()).isEqualTo(20);
    assertThat(raw.format()).isEqualTo(new PictureFormat(3, 32, 32));
    assertThat(raw.classNames()).isEqualTo(Cifar.CLASSES);
    assertThat(raw.officialTest().orElseThrow()).hasSize(10);
    assertThat(raw.notes()).isEmpty();
  }

  /** Some of the files of a tree. */
  private record Part(FileTree whole, List<String> names) implements FileTree {
    @Override
    public void each(Set<String> wanted, Tar.Visitor visitor) {
      whole.each(wanted, visitor);
    }

    @Override
    public String sha256(Set<String> wanted) {
      return whole.sha256(wanted);
    }
  }
}
