package dev.tandem.datasets.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.datasets.Catalog;
import dev.tandem.datasets.DataException;
import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.Examples;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.RawDataset;
import dev.tandem.datasets.Split;
import dev.tandem.datasets.Splits;
import dev.tandem.datasets.Task;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetectionDatasetTest {
  private static final String HEADER = "image,label,xmin,ymin,xmax,ymax";

  @TempDir private Path folder;

  private DetectionDataset read() throws IOException {
    picture("a.png", 0x000000);
    picture("b.png", 0xFFFFFF);
    picture("c.png", 0xFF0000);
    table("a.png,cat,0,0,4,4", "b.png,dog,2,2,6,8", "b.png,cat,0,0,1,1", "c.png,dog,1,1,3,3");
    return DetectionDataset.read(folder, 8);
  }

  private void picture(String name, int rgb) throws IOException {
    BufferedImage picture = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64; i++) {
      picture.setRGB(i % 8, i / 8, rgb);
    }
    assertThat(ImageIO.write(picture, "png", folder.resolve(name).toFile())).isTrue();
  }

  private void table(String... rows) throws IOException {
    Files.writeString(
        folder.resolve("annotations.csv"), HEADER + "\n" + String.join("\n", rows) + "\n");
  }

  private static Split split(int[] train, int[] test) {
    return new Split(train, new int[0], test);
  }

  /** Black and white: mean and deviation 1/2 in each channel, so that they become -1 and 1. */
  @Test
  void standardisesByTheTrainingRows() throws IOException {
    Dataset data = read().prepare(split(new int[] {0, 1}, new int[] {2}));
    assertThat(data.task()).isEqualTo(Task.DETECTION);
    assertThat(data.classNames()).containsExactly("cat", "dog");
    assertThat(data.train().inputs().isPixels()).isTrue();
    assertThat(data.train().inputs().shape()).containsExactly(2, 3, 8, 8);
    float[] inputs = data.train().inputs().floats();
    assertThat(inputs[0]).isEqualTo(-1, within(1e-6f));
    assertThat(inputs[3 * 64]).isEqualTo(1, within(1e-6f));
    float[] red = data.test().inputs().floats();
    assertThat(new float[] {red[0], red[64], red[128]})
        .containsExactly(new float[] {1, -1, -1}, within(1e-6f));
    assertThat(data.train().targets().shape()).containsExactly(2, 2, 5);
    assertThat(data.train().targets().floats())
        .containsExactly(0, 0, 0, 4, 4, -1, 0, 0, 0, 0, 1, 2, 2, 4, 6, 0, 0, 0, 1, 1);
    assertThat(data.preprocessing().form()).isEqualTo(Preprocessing.Form.IMAGE);
    assertThat(data.preprocessing().target().classNames()).containsExactly("cat", "dog");
  }

  @Test
  void theChecksumCoversPicturesAndTable() throws IOException {
    RawDataset raw = read();
    Split all = split(new int[] {0, 1, 2}, new int[0]);
    String before = raw.prepare(all).provenance().sha256();
    assertThat(read().prepare(all).provenance().sha256()).isEqualTo(before);
    picture("c.png", 0x00FF00);
    assertThat(DetectionDataset.read(folder, 8).prepare(all).provenance().sha256())
        .isNotEqualTo(before);
  }

  @Test
  void newPicturesFindTheirClassesByName() throws IOException {
    Preprocessing trained = read().prepare(split(new int[] {0, 1, 2}, new int[0])).preprocessing();
    table("c.png,dog,1,1,3,3");
    Examples examples = DetectionDataset.encode(AnnotatedPictures.read(folder, 8), trained);
    assertThat(examples.targets().floats()).containsExactly(1, 1, 1, 2, 2);
    table("c.png,dgo,1,1,3,3");
    AnnotatedPictures unknown = AnnotatedPictures.read(folder, 8);
    assertThatThrownBy(() -> DetectionDataset.encode(unknown, trained))
        .isInstanceOf(DataException.class)
        .hasMessage("unknown class 'dgo' (did you mean 'dog'? there are: cat, dog)");
  }

  @Test
  void picturesWithoutATableAreEncodedAsThoseOfTheTraining() throws IOException {
    Dataset data = read().prepare(split(new int[] {0, 1, 2}, new int[0]));
    NewPictures all = NewPictures.read(folder, data.preprocessing());
    assertThat(all.files().names()).containsExactly("a.png", "b.png", "c.png");
    assertThat(all.inputs().floats()).containsExactly(data.train().inputs().floats());
    NewPictures one = NewPictures.read(folder.resolve("b.png"), data.preprocessing());
    assertThat(one.placements()).containsExactly(new Letterbox(8, 8, 8));
    Files.write(folder.resolve("b.png"), new byte[] {1, 2, 3, 4});
    NewPictures rest = NewPictures.read(folder, data.preprocessing());
    assertThat(rest.files().names()).containsExactly("a.png", "c.png");
    assertThat(rest.files().notes())
        .containsExactly(
            "1 of 3 pictures cannot be read and are left out: b.png is neither PNG, JPEG, GIF nor BMP");
    assertThat(rest.inputs().floats())
        .containsExactly(data.train().inputs().select(new int[] {0, 2}).floats());
    assertThat(rest.placements()).hasSize(2);
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> NewPictures.read(empty, data.preprocessing()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("holds no pictures");
  }

  /** A detector of grey pictures sees colours as their brightness. */
  @Test
  void colourBecomesGrey() throws IOException {
    AnnotatedPictures grey = read().pictures().withChannels(1);
    assertThat(grey.pixels()).hasSize(3 * 64);
    assertThat(grey.pixels()[2 * 64] & 0xFF).isEqualTo(76);
  }

  @Test
  void scenesHaveATestPartOfOtherWriters() {
    RawDataset raw = Catalog.load("scenes", null);
    assertThat(raw.size()).isEqualTo(4500);
    Split split = Splits.holdout(raw, 0.1, 0.2, 1);
    assertThat(split.test()).hasSize(500).startsWith(4000).endsWith(4499);
    assertThat(split.train()).hasSize(3600);
    DetectionDataset scenes = (DetectionDataset) raw;
    assertThat(scenes.pictures().truth(4000)).isEqualTo(Scenes.draw(1, 64, true, 0).truth(0));
    assertThat(scenes.pictures().truth(3999))
        .isEqualTo(Scenes.draw(4000, 64, false, 0).truth(3999));
  }

  @Test
  void bloodCellsAreTestedOnTheLastPicturesByName() {
    String given = System.getenv("TANDEM_MIRROR");
    Path mirror = Path.of(given != null ? given : "../../shared/data");
    assumeTrue(Files.isDirectory(mirror.resolve("bccd")), "no mirror with bccd");
    assertThat(Catalog.entry("bccd").files()).hasSize(81);
    DetectionDataset raw = (DetectionDataset) Catalog.load("bccd", mirror);
    Split split = Splits.holdout(raw, 0, 0.5, 3);
    assertThat(split.train()).hasSize(60).startsWith(0).endsWith(59);
    assertThat(split.test()).hasSize(20).startsWith(60).endsWith(79);
    List<String> names = raw.pictures().pictureNames();
    assertThat(names).isSorted().hasSize(80);
    Dataset data = raw.prepare(split);
    assertThat(data.classNames()).containsExactly("Platelets", "RBC", "WBC");
    assertThat(data.provenance().path()).isEqualTo(mirror.resolve("bccd").toString());
    assertThat(data.provenance().sha256()).hasSize(64);
    float[] boxes = raw.pictures().boxes().floats();
    long count = 0;
    for (int at = 0; at < boxes.length; at += 5) {
      count += boxes[at] >= 0 ? 1 : 0;
    }
    assertThat(count).isEqualTo(1339);
  }
}
