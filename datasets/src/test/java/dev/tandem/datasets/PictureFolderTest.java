package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureFolderTest {
  private static final PictureOptions STRICT = new PictureOptions(0, 0, 0, true);

  @TempDir Path directory;

  /** Two good pictures of two classes, 4 high and 6 wide. */
  @BeforeEach
  void goodPictures() throws IOException {
    write("cat/a.png", picture(6, 4, Color.RED, "png"));
    write("dog/b.bmp", picture(6, 4, Color.BLUE, "bmp"));
  }

  private void write(String name, byte[] bytes) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  static byte[] picture(int width, int height, Color colour, String format) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(colour);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    return encoded(image, format);
  }

  private static byte[] encoded(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, bytes)).isTrue();
    return bytes.toByteArray();
  }

  /** A picture with detail, so that its end is more than padding. */
  private static byte[] noise(int side, String format) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, i * 0x9E3779B9);
    }
    return encoded(image, format);
  }

  private PixelDataset read(PictureOptions options) {
    return PixelDataset.readFolder(directory, options);
  }

  /** The bytes of a picture, channel by channel. */
  private static int[] pixels(PixelDataset raw, int row) {
    int[] all = IntStream.range(0, raw.size()).toArray();
    Dataset data = raw.prepare(new Split(all, new int[0], new int[] {row}));
    float[] encoded = data.test().inputs().floats();
    int[] bytes = new int[encoded.length];
    int plane = encoded.length / raw.format().channels();
    for (int i = 0; i < bytes.length; i++) {
      Preprocessing.Column column = data.preprocessing().columns().get(i / plane);
      bytes[i] = (int) Math.round(255 * (encoded[i] * column.scale() + column.mean()));
    }
    return bytes;
  }

  @Test
  void readsPicturesByClassInTheOrderOfTheirNames() throws IOException {
    write("cat/c.gif", picture(6, 4, Color.GREEN, "gif"));
    write("cat/B.JPEG", picture(6, 4, Color.WHITE, "jpeg"));
    PixelDataset raw = read(PictureOptions.DEFAULT);
    assertThat(raw.size()).isEqualTo(4);
    assertThat(raw.format()).isEqualTo(new PictureFormat(3, 4, 6));
    assertThat(raw.classNames()).containsExactly("cat", "dog");
    assertThat(raw.stratifyBy().orElseThrow()).containsExactly(0, 0, 0, 1);
    assertThat(raw.officialTest()).isEmpty();
    assertThat(raw.notes()).isEmpty();
    assertThat(pixels(raw, 0)[0]).as("B.JPEG").isEqualTo(255);
    int[] red = pixels(raw, 1);
    assertThat(Arrays.copyOf(red, 24)).containsOnly(255);
    assertThat(Arrays.copyOfRange(red, 24, 72)).containsOnly(0);
    assertThat(pixels(raw, 3)[71]).as("blue").isEqualTo(255);
  }

  @Test
  void keepsAnOfficialTestPart() throws IOException {
    for (String part : List.of("train", "test")) {
      write(part + "/cat/1.png", picture(2, 2, Color.RED, "png"));
      write(part + "/dog/1.png", picture(2, 2, Color.BLUE, "png"));
    }
    PixelDataset raw = read(PictureOptions.DEFAULT);
    assertThat(raw.size()).isEqualTo(4);
    assertThat(raw.officialTest().orElseThrow()).containsExactly(2, 3);
    assertThat(raw.stratifyBy().orElseThrow()).containsExactly(0, 1, 0, 1);
    assertThat(raw.notes())
        .containsExactly("2 pictures outside of class folders are left out: cat/a.png, dog/b.bmp");
  }

  @Test
  void isGreyIfAllPicturesAre() throws IOException {
    Files.delete(directory.resolve("cat/a.png"));
    Files.delete(directory.resolve("dog/b.bmp"));
    BufferedImage grey = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSample(0, 0, 0, 100);
    grey.getRaster().setSample(1, 0, 0, 7);
    write("cat/grey.png", encoded(grey, "png"));
    write("dog/rgb.png", picture(2, 1, new Color(9, 9, 9), "png"));
    PixelDataset raw = read(PictureOptions.DEFAULT);
    assertThat(raw.format()).isEqualTo(new PictureFormat(1, 1, 2));
    assertThat(pixels(raw, 0)).as("not brightened").containsExactly(100, 7);
    assertThat(pixels(raw, 1)).containsExactly(9, 9);
    write("dog/colour.png", picture(2, 1, Color.RED, "png"));
    PixelDataset colour = read(PictureOptions.DEFAULT);
    assertThat(colour.format().channels()).isEqualTo(3);
    assertThat(pixels(colour, 0)).containsExactly(100, 7, 100, 7, 100, 7);
    PixelDataset forced = read(new PictureOptions(1, 1, 2, true));
    assertThat(pixels(forced, 1)).as("luma of red").containsExactly(76, 76);
  }

  @Test
  void readsGreyOfMoreAndOfFewerBits() throws IOException {
    BufferedImage deep = new BufferedImage(6, 4, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setSample(0, 0, 0, 0xABCD);
    BufferedImage flat = new BufferedImage(6, 4, BufferedImage.TYPE_BYTE_BINARY);
    flat.setRGB(0, 0, -1);
    write("cat/b-deep.png", encoded(deep, "png"));
    write("cat/b-flat.png", encoded(flat, "png"));
    PixelDataset raw = read(PictureOptions.DEFAULT);
    assertThat(Arrays.copyOf(pixels(raw, 1), 2)).containsExactly(0xAB, 0);
    assertThat(Arrays.copyOf(pixels(raw, 2), 2)).containsExactly(255, 0);
  }

  @Test
  void laysTransparentPixelsOnWhite() throws IOException {
    BufferedImage clear = new BufferedImage(6, 4, BufferedImage.TYPE_INT_ARGB);
    clear.setRGB(1, 0, 0x80FF0000);
    clear.setRGB(2, 0, 0xFF102030);
    write("cat/clear.png", encoded(clear, "png"));
    int[] pixels = pixels(read(PictureOptions.DEFAULT), 1);
    assertThat(Arrays.copyOf(pixels, 3)).containsExactly(255, 255, 16);
    assertThat(Arrays.copyOfRange(pixels, 24, 27)).containsExactly(255, 127, 32);
  }

  @Test
  void takesTheMostFrequentSizeAndSaysWhatItResized() throws IOException {
    write("dog/large.png", picture(12, 8, Color.BLUE, "png"));
    PixelDataset raw = read(PictureOptions.DEFAULT);
    assertThat(raw.format()).isEqualTo(new PictureFormat(3, 4, 6));
    assertThat(raw.notes())
        .containsExactly("1 of 3 pictures are resized to 4x6 pixels (height x width) and centred");
    PixelDataset given = read(new PictureOptions(0, 5, 5, false));
    assertThat(given.format()).isEqualTo(new PictureFormat(3, 5, 5));
  }

  @Test
  void boundsTheSizeThatNobodyChose() throws IOException {
    write("cat/1.png", picture(300, 150, Color.RED, "png"));
    write("cat/2.png", picture(300, 150, Color.RED, "png"));
    write("dog/1.png", picture(300, 150, Color.BLUE, "png"));
    assertThat(read(PictureOptions.DEFAULT).format()).isEqualTo(new PictureFormat(3, 64, 128));
    assertThat(read(new PictureOptions(0, 150, 300, false)).format())
        .isEqualTo(new PictureFormat(3, 150, 300));
  }

  /** Each is left out with a note, or refused with its name where the options are strict. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "truncated.jpg",
        "truncated.png",
        "truncated.gif",
        "truncated.bmp",
        "text.png",
        "empty.jpg",
        "bomb.png"
      })
  void namesABrokenPicture(String name) throws IOException {
    String format = name.substring(name.indexOf('.') + 1);
    byte[] whole = noise(32, format);
    byte[] bytes =
        switch (name) {
          case "text.png" -> "no picture at all".getBytes(StandardCharsets.UTF_8);
          case "empty.jpg" -> new byte[0];
          case "bomb.png" -> bomb();
          default -> Arrays.copyOf(whole, whole.length / 2);
        };
    String reason =
        switch (name) {
          case "text.png" -> "is neither PNG, JPEG, GIF nor BMP";
          case "empty.jpg" -> "is empty";
          case "bomb.png" -> "has 60000x60000 pixels, at most 67108864 are decoded";
          default -> "is damaged: ";
        };
    write("cat/" + name, bytes);
    PixelDataset raw = read(PictureOptions.DEFAULT);
    assertThat(raw.size()).isEqualTo(2);
    assertThat(raw.notes())
        .singleElement()
        .asString()
        .startsWith("1 of 3 pictures cannot be read and are left out: cat/" + name + " " + reason);
    assertThatThrownBy(() -> read(STRICT))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(directory + ": cat/" + name + " " + reason)
        .hasMessageEndingWith("(remove or replace it, or leave out --strict)");
  }

  /** A header that promises 3.6 thousand million pixels, and nothing else. */
  private static byte[] bomb() {
    ByteBuffer file = ByteBuffer.allocate(33);
    file.putLong(0x89504E470D0A1A0AL).putInt(13).put("IHDR".getBytes(StandardCharsets.US_ASCII));
    file.putInt(60000).putInt(60000).put(new byte[] {8, 2, 0, 0, 0});
    CRC32 checksum = new CRC32();
    checksum.update(file.array(), 12, 17);
    return file.putInt((int) checksum.getValue()).array();
  }

  @Test
  void readsAPictureOfOnePixelAndAVeryWideOne() throws IOException {
    write("cat/one.png", picture(1, 1, Color.GREEN, "png"));
    write("dog/wide.png", picture(20_000, 40, Color.BLUE, "png"));
    write("dog/wide.jpg", picture(20_000, 300, Color.BLUE, "jpg"));
    PixelDataset raw = read(new PictureOptions(0, 4, 6, true));
    assertThat(raw.size()).isEqualTo(5);
    int[] one = pixels(raw, 1);
    assertThat(Arrays.copyOf(one, 24)).containsOnly(0);
    assertThat(Arrays.copyOfRange(one, 24, 48)).containsOnly(255);
    assertThat(Arrays.copyOfRange(pixels(raw, 4), 48, 72)).containsOnly(255);
    assertThat(raw.notes()).first().asString().startsWith("3 of 5 pictures are resized to 4x6");
  }

  @Test
  void namesAnEmptyClassFolder() throws IOException {
    Files.createDirectories(directory.resolve("bird"));
    assertThat(read(PictureOptions.DEFAULT).notes())
        .containsExactly("class folder 'bird' holds no pictures and is left out");
    assertThat(read(PictureOptions.DEFAULT).classNames()).containsExactly("cat", "dog");
    assertThatThrownBy(() -> read(STRICT))
        .hasMessageContaining("class folder 'bird' holds no pictures and is left out");
  }

  @Test
  void aClassWhosePicturesAreAllBrokenIsGoneAndNamed() throws IOException {
    write("ant/x.png", "text".getBytes(StandardCharsets.UTF_8));
    PixelDataset raw = read(PictureOptions.DEFAULT);
    assertThat(raw.classNames()).containsExactly("cat", "dog");
    assertThat(raw.stratifyBy().orElseThrow()).containsExactly(0, 1);
    assertThat(raw.notes()).contains("class 'ant' has no picture that can be read");
  }

  @Test
  void countsFilesOfOtherTypes() throws IOException {
    write("cat/notes.txt", new byte[] {1});
    write("README.md", new byte[] {1});
    write(".git/objects/x.png", new byte[] {1});
    write("cat/._a.png", new byte[] {1});
    write("cat/old/deeper.png", new byte[] {1});
    assertThat(read(STRICT).notes())
        .containsExactly(
            "1 pictures outside of class folders are left out: cat/old/deeper.png",
            "2 files of other types are left out: README.md, cat/notes.txt");
  }

  @Test
  void refusesFoldersThatHoldNothingToLearnFrom() throws IOException {
    Files.delete(directory.resolve("dog/b.bmp"));
    assertThatThrownBy(() -> read(PictureOptions.DEFAULT))
        .hasMessageStartingWith(directory + ": all 1 pictures are of one class");
    Files.delete(directory.resolve("cat/a.png"));
    write("a.png", picture(1, 1, Color.RED, "png"));
    assertThatThrownBy(() -> read(PictureOptions.DEFAULT))
        .hasMessage(
            directory
                + " holds no pictures in class folders, but 1 elsewhere: a.png (put them at"
                + " CLASS/FILE.png, .jpg, .gif or .bmp; or train/CLASS and test/CLASS)");
    write("cat/a.png", new byte[] {1});
    assertThatThrownBy(() -> read(PictureOptions.DEFAULT))
        .hasMessageContaining("none of 1 pictures can be read: cat/a.png is neither");
    assertThatThrownBy(() -> PixelDataset.readFolder(directory.resolve("x"), STRICT))
        .hasMessage(directory.resolve("x") + " does not exist (check the path)");
  }

  @Test
  void theChecksumIsThatOfNamesAndContents() throws IOException {
    String first = checksum();
    assertThat(checksum()).isEqualTo(first).hasSize(64);
    Files.move(directory.resolve("cat/a.png"), directory.resolve("cat/z.png"));
    assertThat(checksum()).isNotEqualTo(first);
  }

  private String checksum() {
    return read(PictureOptions.DEFAULT)
        .prepare(new Split(new int[] {0, 1}, new int[0], new int[0]))
        .provenance()
        .sha256();
  }

  @Test
  void readsAnArchiveAsItReadsTheFolder() throws IOException {
    byte[] cat = Files.readAllBytes(directory.resolve("cat/a.png"));
    byte[] dog = Files.readAllBytes(directory.resolve("dog/b.bmp"));
    TarWriter tar =
        new TarWriter()
            .add("./pets/", new byte[0])
            .add("./pets/README", new byte[] {1})
            .add("./pets/dog/b.bmp", dog)
            .add("./pets/bird/", new byte[0])
            .add("./pets/cat/a.png", cat);
    Path archive = directory.resolve("pets.tar.gz");
    Files.write(archive, IdxTest.gzip(tar.bytes()));
    PixelDataset raw = PixelDataset.read(archive, PictureOptions.DEFAULT);
    assertThat(raw.classNames()).containsExactly("cat", "dog");
    assertThat(pixels(raw, 0)).containsExactly(pixels(read(PictureOptions.DEFAULT), 0));
    assertThat(raw.notes())
        .containsExactly(
            "class folder 'pets/bird' holds no pictures and is left out",
            "1 files of other types are left out: pets/README");
    byte[] whole = Files.readAllBytes(archive);
    Files.write(archive, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> PixelDataset.read(archive, PictureOptions.DEFAULT))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(archive + " cannot be read: Unexpected end of ZLIB input stream");
  }

  @Test
  void encodesNewFilesAsItEncodedItsOwn() throws IOException {
    PixelDataset raw = read(PictureOptions.DEFAULT);
    Dataset data = raw.prepare(new Split(new int[] {0, 1}, new int[0], new int[0]));
    Path own = directory.resolve("dog/b.bmp");
    write("dog/large.jpg", picture(60, 40, Color.BLUE, "jpg"));
    write("dog/a.png", new byte[] {1, 2, 3, 4});
    write("dog/words.txt", new byte[] {1, 2, 3, 4});
    Preprocessing.Pictures encoded = data.preprocessing().encodePictures(own.getParent());
    assertThat(encoded.inputs()).hasToString("float32 [2,3,4,6]");
    assertThat(encoded.inputs().select(new int[] {0}).floats())
        .containsExactly(data.train().inputs().select(new int[] {1}).floats());
    assertThat(encoded.files().names()).containsExactly("b.bmp", "large.jpg");
    assertThat(encoded.files().notes())
        .containsExactly(
            "1 of 3 pictures cannot be read and are left out: a.png is neither PNG, JPEG, GIF nor BMP");
    Path broken = directory.resolve("dog/a.png");
    assertThatThrownBy(() -> data.preprocessing().encodePictures(broken))
        .isInstanceOf(DataException.class)
        .hasMessage(
            broken + " is neither PNG, JPEG, GIF nor BMP (give a PNG, JPEG, GIF or BMP file)");
    Preprocessing other =
        new Preprocessing(Preprocessing.Form.ARRAY, List.of(), data.preprocessing().target());
    assertThatThrownBy(() -> other.encodePictures(own))
        .hasMessage(own + " is a picture, but training was on an array (give a .npy file)");
  }

  /** White is white, whatever number it has in the arrays of the training. */
  @Test
  void filesAreScaledByTheirOwnWhite() throws IOException {
    Preprocessing digits =
        new PixelDataset(
                "digits",
                new byte[] {0, 16, 4, 8},
                new PictureFormat(1, 1, 2, 16),
                new int[] {0, 1},
                List.of("a", "b"),
                null,
                new Provenance("s", "l", "file", "p", "0"),
                List.of())
            .prepare(new Split(new int[] {0, 1}, new int[0], new int[0]))
            .preprocessing();
    write("white.png", picture(2, 1, Color.WHITE, "png"));
    Path white = directory.resolve("white.png");
    assertThat(digits.encodePictures(white).inputs().floats())
        .containsExactly(
            digits.encode("x", HostArray.of(new float[] {16, 16}, 1, 1, 1, 2)).floats());
  }

  @Test
  void newFoldersAreReadInTheFormatOfTraining() throws IOException {
    Dataset data =
        read(PictureOptions.DEFAULT).prepare(new Split(new int[] {0, 1}, new int[0], new int[0]));
    Path other = directory.resolve("new");
    write("new/cat/1.png", picture(12, 12, new Color(9, 9, 9), "png"));
    write("new/dog/1.png", picture(7, 7, new Color(8, 8, 8), "png"));
    PixelDataset raw =
        PixelDataset.readFolder(other, PictureOptions.of(data.preprocessing().picture()));
    Examples examples = raw.encode(data.preprocessing());
    assertThat(examples.inputs()).hasToString("float32 [2,3,4,6]");
    assertThat(examples.targets().ints()).containsExactly(0, 1);
  }
}
