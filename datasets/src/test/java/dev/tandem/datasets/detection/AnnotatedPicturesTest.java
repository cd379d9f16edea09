package dev.tandem.datasets.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.datasets.DataException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnnotatedPicturesTest {
  private static final String HEADER = "image,width,height,label,xmin,ymin,xmax,ymax";

  @TempDir private Path folder;

  @BeforeEach
  void pictures() throws IOException {
    Files.write(folder.resolve("b.png"), encoded("png", 40, 20, 0xFF0000));
    Files.write(folder.resolve("a.jpg"), encoded("jpg", 20, 20, 0x00FF00));
  }

  @Test
  void readsPicturesInTheOrderOfTheirNames() throws IOException {
    table(
        HEADER,
        "b.png,40,20,dog,10,5,30,15",
        "a.jpg,20,20,cat,0,0,20,10",
        "b.png,40,20,cat,0,0,4,4");
    AnnotatedPictures read = AnnotatedPictures.read(folder, 20);
    assertThat(read.classNames()).containsExactly("cat", "dog");
    assertThat(read.pictureNames()).containsExactly("a.jpg", "b.png");
    assertThat(read.boxes().shape()).containsExactly(2, 2, 5);
    assertThat(read.truth(0)).containsExactly(new BoundingBox(0, 0, 0, 20, 10));
    // Half as large, 5 pixels down.
    assertThat(read.truth(1))
        .containsExactly(new BoundingBox(1, 5, 7.5, 10, 5), new BoundingBox(0, 0, 5, 2, 2));
    assertThat(read.boxes().floats()[5]).isEqualTo(-1);
    assertThat(read.notes()).isEmpty();
    // Red, in the middle of the second picture.
    float[] pixels = read.picture(1);
    assertThat(new float[] {pixels[210], pixels[400 + 210], pixels[800 + 210]})
        .containsExactly(1, 0, 0);
  }

  @Test
  void columnsStandInAnyOrderAndOthersBesideThem() throws IOException {
    table("ymax,label,note,xmin,xmax,ymin,image", "15,dog,blurred,10,30,5,b.png");
    assertThat(AnnotatedPictures.read(folder, 40).truth(0))
        .containsExactly(new BoundingBox(0, 10, 15, 20, 10));
  }

  @Test
  void pictureMayHaveNoBoxes() throws IOException {
    table(HEADER, "a.jpg,20,20,,,,,", "b.png,40,20,dog,10,5,30,15");
    AnnotatedPictures read = AnnotatedPictures.read(folder, 20);
    assertThat(read.size()).isEqualTo(2);
    assertThat(read.truth(0)).isEmpty();
  }

  @Test
  void boxBeyondThePictureIsCutOffAndCounted() throws IOException {
    table(HEADER, "a.jpg,20,20,cat,-3,5,25,18", "a.jpg,20,20,cat,1,1,2,2");
    AnnotatedPictures read = AnnotatedPictures.read(folder, 20);
    assertThat(read.truth(0).get(0)).isEqualTo(new BoundingBox(0, 0, 5, 20, 13));
    assertThat(read.notes()).containsExactly("1 box reached beyond the picture: cut off");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a.jpg,20,20,cat,1,1,1,5 | line 2, column 'xmax': '1' is not above xmin 1, the box is empty",
        "a.jpg,20,20,cat,1,9,5,5 | line 2, column 'ymax': '5' is not above ymin 9, the box is empty",
        "a.jpg,20,20,cat,21,1,25,5 | the box is outside its picture of 20 x 20 pixels",
        "a.jpg,20,20,cat,one,1,25,5 | line 2, column 'xmin': 'one' is not a number",
        "a.jpg,20,20,cat,1,1,,5 | line 2, column 'xmax': '' is missing (fill it in",
        "a.jpg,20,20,,1,1,5,5 | line 2, column 'label': '' is missing (fill it in",
        ",20,20,cat,1,1,5,5 | line 2, column 'image': '' names no picture",
        "a.jpg,30,20,cat,1,1,5,5 | line 2, column 'width': '30', but the picture has 20 pixels",
        "c.jpg,30,20,cat,1,1,5,5 | c.jpg does not exist (check the path)",
        "a.jpg,20,20,,,,, | names no box (add rows with a label and corners)"
      })
  void refusesRowsThatMakeNoSense(String row, String message) throws IOException {
    table(HEADER, row);
    refuses(message);
  }

  @Test
  void refusesATableWithoutAColumn() throws IOException {
    table("image,label,xmin,ymin,xmax,y_max", "a.jpg,cat,1,1,5,5");
    refuses("annotations.csv: unknown column 'ymax' (did you mean");
    Files.delete(folder.resolve("annotations.csv"));
    refuses("annotations.csv does not exist");
  }

  @Test
  void refusesDamagedPictures() throws IOException {
    table(HEADER, "a.jpg,64,64,cat,1,1,5,5");
    Path file = folder.resolve("a.jpg");
    byte[] whole = noise();
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    refuses("annotations.csv line 2: " + file + " is damaged: Corrupt JPEG data");
    Files.writeString(file, "no picture at all");
    refuses(file + " is neither PNG, JPEG, GIF nor BMP (replace the picture)");
    Files.write(file, new byte[0]);
    refuses(file + " is empty (replace the picture)");
    byte[] png = encoded("png", 64, 64, 0x123456);
    Files.write(file, Arrays.copyOf(png, png.length - 30));
    refuses(file + " is damaged: ");
  }

  /** A PNG may claim any size in a few bytes; the claim is read before the pixels. */
  @Test
  void refusesHugePictures() throws IOException {
    table(HEADER, "a.jpg,64,64,cat,1,1,5,5");
    byte[] png = encoded("png", 64, 64, 0x123456);
    png[16] = 0x00;
    png[17] = 0x01;
    png[20] = 0x00;
    png[21] = 0x01;
    CRC32 checksum = new CRC32();
    checksum.update(png, 12, 17);
    for (int i = 0; i < 4; i++) {
      png[29 + i] = (byte) (checksum.getValue() >> 24 - 8 * i);
    }
    Files.write(folder.resolve("a.jpg"), png);
    refuses("has 65600x65600 pixels, at most 67108864 are decoded (replace the picture)");
  }

  private void refuses(String message) {
    assertThatThrownBy(() -> AnnotatedPictures.read(folder, 20))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message);
  }

  private void table(String... lines) throws IOException {
    Files.write(folder.resolve("annotations.csv"), Arrays.asList(lines));
  }

  private static byte[] encoded(String format, int width, int height, int rgb) throws IOException {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      picture.setRGB(i % width, i / width, rgb);
    }
    return encoded(format, picture);
  }

  private static byte[] noise() throws IOException {
    BufferedImage picture = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int i = 0; i < 64 * 64; i++) {
      picture.setRGB(i % 64, i / 64, random.nextInt(1 << 24));
    }
    return encoded("jpg", picture);
  }

  private static byte[] encoded(String format, BufferedImage picture) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(ImageIO.write(picture, format, bytes)).isTrue();
    return bytes.toByteArray();
  }
}
