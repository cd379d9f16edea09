package dev.tandem.datasets;

import dev.tandem.datasets.PictureDecoder.Size;
import dev.tandem.datasets.PictureLayout.Found;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

/**
 * Reads a folder of pictures by class. Pictures are brought to one size; those that cannot be read
 * are named. The result does not depend on the order of the files in the folder or archive, nor on
 * the threads that decode.
 */
final class PictureFolder {
  private static final int THREADS = 2;

  /** Read ahead of the decoders: enough to keep both busy, few enough to hold. */
  private static final int FILES_AHEAD = 32;

  private static final long LARGEST_FILE = 1L << 28;

  private final String name;
  private final FileTree tree;
  private final PictureOptions options;
  private final PictureLayout layout;
  private final Map<String, Integer> places = new HashMap<>();
  private final Picture[] pictures;
  private final String[] reasons;
  private final boolean[] resized;
  private final List<String> notes = new ArrayList<>();

  private PictureFolder(String name, FileTree tree, PictureOptions options, PictureLayout layout) {
    this.name = name;
    this.tree = tree;
    this.options = options;
    this.layout = layout;
    int count = layout.pictures().size();
    for (int i = 0; i < count; i++) {
      places.put(layout.pictures().get(i).name(), i);
    }
    pictures = new Picture[count];
    reasons = new String[count];
    resized = new boolean[count];
  }

  /**
   * Reads all pictures.
   *
   * @param name for errors
   * @param provenance null for the user's own, whose checksum is made here
   * @throws DataException if there are none in class folders, all are of one class, or something is
   *     wrong with one and the options are strict
   */
  static PixelDataset read(
      String name, FileTree tree, PictureOptions options, Provenance provenance) {
    PictureLayout layout = PictureLayout.of(tree.names(), tree instanceof FileTree.Archive);
    if (layout.pictures().isEmpty()) {
      throw DataException.of(
          "%s holds no pictures in class folders%s (put them at CLASS/FILE.png, .jpg, .gif or .bmp;"
              + " or train/CLASS and test/CLASS)",
          name,
          layout.misplaced().isEmpty()
              ? ""
              : ", but " + layout.misplaced().size() + " elsewhere: " + list(layout.misplaced()));
    }
    return new PictureFolder(name, tree, options, layout).read(provenance);
  }

  private static String list(List<String> names) {
    return Nearest.list(names);
  }

  private PixelDataset read(Provenance given) {
    noteLayout();
    Size size = options.sizeIsGiven() ? new Size(options.height(), options.width()) : commonSize();
    requireMemory(size);
    decode(size);
    noteReasons();
    noteSize(size);
    Provenance provenance =
        given != null
            ? given
            : new Provenance(
                "the user's own", "not stated", "file", name, tree.sha256(places.keySet()));
    return assemble(size, provenance);
  }

  private void noteLayout() {
    for (String empty : layout.emptyClasses()) {
      tell("class folder '" + empty + "' holds no pictures and is left out");
    }
    if (!layout.misplaced().isEmpty()) {
      notes.add(
          "%d pictures outside of class folders are left out: %s"
              .formatted(layout.misplaced().size(), list(layout.misplaced())));
    }
    if (!layout.others().isEmpty()) {
      notes.add(
          "%d files of other types are left out: %s"
              .formatted(layout.others().size(), list(layout.others())));
    }
  }

  /** A note, or an error where the options are strict. */
  private void tell(String what) {
    if (options.strict()) {
      throw new DataException(
          name + ": " + what + " (remove or replace it, or leave out --strict)");
    }
    notes.add(what);
  }

  /** The most frequent size, the smaller of two equally frequent, its longer side bounded. */
  private Size commonSize() {
    Map<Size, Integer> counts = new HashMap<>();
    try (PictureDecoder decoder = new PictureDecoder()) {
      tree.each(
          places.keySet(),
          (file, content, length) -> {
            try {
              counts.merge(decoder.size(content), 1, Integer::sum);
            } catch (IOException unreadable) {
              // Decoding comes to the same, and tells.
            }
          });
    }
    Size size =
        counts.entrySet().stream()
            .max(
                Map.Entry.<Size, Integer>comparingByValue()
                    .thenComparing(
                        entry -> -(long) entry.getKey().height() * entry.getKey().width())
                    .thenComparing(entry -> -entry.getKey().height()))
            .map(Map.Entry::getKey)
            .orElse(new Size(1, 1));
    double scale =
        Math.min(1, (double) PictureOptions.LONGEST_SIDE / Math.max(size.height(), size.width()));
    return new Size(
        (int) Math.max(1, Math.round(size.height() * scale)),
        (int) Math.max(1, Math.round(size.width() * scale)));
  }

  private void requireMemory(Size size) {
    long bytes = (long) size.height() * size.width() * pictures.length;
    if (bytes > Math.min(Runtime.getRuntime().maxMemory() / 2, Integer.MAX_VALUE - 8)) {
      throw DataException.of(
          "%s: %d pictures of %dx%d pixels do not fit the Java heap of %d MiB (choose a smaller"
              + " size, or raise the heap, for instance TANDEM_OPTS=-Xmx8g)",
          name,
          pictures.length,
          size.height(),
          size.width(),
          Runtime.getRuntime().maxMemory() >> 20);
    }
  }

  /** One thread reads the files, others decode. Each picture has its place, whoever decodes it. */
  private void decode(Size size) {
    BlockingQueue<PictureDecoder> decoders = new ArrayBlockingQueue<>(THREADS);
    IntStream.range(0, THREADS).forEach(i -> decoders.add(new PictureDecoder()));
    ExecutorService threads =
        Executors.newFixedThreadPool(
            THREADS, task -> Thread.ofPlatform().daemon().name("pictures").unstarted(task));
    Semaphore ahead = new Semaphore(FILES_AHEAD);
    List<Future<?>> tasks = new ArrayList<>();
    try {
      tree.each(
          places.keySet(),
          (file, content, length) -> {
            int place = places.get(file);
            if (length > LARGEST_FILE) {
              reasons[place] = "has %d bytes, at most %d are read".formatted(length, LARGEST_FILE);
              return;
            }
            // Not readAllBytes, whose buffers are ten times as large as a small picture.
            byte[] bytes = content.readNBytes((int) length);
            ahead.acquireUninterruptibly();
            tasks.add(
                threads.submit(
                    () -> {
                      PictureDecoder decoder = decoders.remove();
                      try {
                        decode(decoder, bytes, place, size);
                      } finally {
                        decoders.add(decoder);
                        ahead.release();
                      }
                    }));
          });
      for (Future<?> task : tasks) {
        task.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DataException(name + ": reading was interrupted (start it again)", e);
    } finally {
      threads.shutdownNow();
      threads.close();
      decoders.forEach(PictureDecoder::close);
    }
  }

  private void decode(PictureDecoder decoder, byte[] bytes, int place, Size size) {
    try {
      Picture picture = decoder.decode(bytes, size.height(), size.width());
      resized[place] = picture.height() != size.height() || picture.width() != size.width();
      Picture fitted = picture.fitted(size.height(), size.width());
      pictures[place] = options.channels() == 0 ? fitted : fitted.withChannels(options.channels());
    } catch (IOException e) {
      reasons[place] = e.getMessage();
    }
  }

  private void noteReasons() {
    List<String> broken =
        IntStream.range(0, reasons.length)
            .filter(i -> reasons[i] != null)
            .mapToObj(i -> layout.pictures().get(i).name() + " " + reasons[i])
            .toList();
    if (broken.isEmpty()) {
      return;
    }
    if (options.strict()) {
      tell(broken.get(0));
    }
    if (broken.size() == reasons.length) {
      throw DataException.of(
          "%s: none of %d pictures can be read: %s (replace them)",
          name, reasons.length, list(broken));
    }
    notes.add(
        "%d of %d pictures cannot be read and are left out: %s"
            .formatted(broken.size(), reasons.length, list(broken)));
  }

  private void noteSize(Size size) {
    long changed = IntStream.range(0, resized.length).filter(i -> resized[i]).count();
    if (changed > 0) {
      notes.add(
          "%d of %d pictures are resized to %dx%d pixels (height x width) and centred"
              .formatted(changed, pictures.length, size.height(), size.width()));
    }
  }

  private PixelDataset assemble(Size size, Provenance provenance) {
    int[] rows = IntStream.range(0, pictures.length).filter(i -> pictures[i] != null).toArray();
    int channels = 1;
    for (int row : rows) {
      channels = Math.max(channels, pictures[row].channels());
    }
    PictureFormat format =
        new PictureFormat(
            options.channels() == 0 ? channels : options.channels(), size.height(), size.width());
    TreeSet<String> found = new TreeSet<>();
    for (int row : rows) {
      found.add(layout.pictures().get(row).className());
    }
    List<String> classNames = List.copyOf(found);
    layout.pictures().stream()
        .map(Found::className)
        .distinct()
        .filter(className -> !found.contains(className))
        .forEach(className -> tell("class '" + className + "' has no picture that can be read"));
    long bytes = (long) rows.length * format.length();
    if (bytes > Integer.MAX_VALUE - 8) {
      throw DataException.of(
          "%s: %d pictures of %s are more than 2 GiB (choose a smaller size)",
          name, rows.length, format);
    }
    byte[] pixels = new byte[(int) bytes];
    int[] labels = new int[rows.length];
    List<Integer> test = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      Found picture = layout.pictures().get(rows[i]);
      byte[] own = pictures[rows[i]].withChannels(format.channels()).pixels();
      System.arraycopy(own, 0, pixels, i * format.length(), format.length());
      // Half of the memory is free again as it is copied, not after all of it is.
      pictures[rows[i]] = null;
      labels[i] = classNames.indexOf(picture.className());
      if (picture.test()) {
        test.add(i);
      }
    }
    return new PixelDataset(
        name,
        pixels,
        format,
        labels,
        classNames,
        test.isEmpty() ? null : test.stream().mapToInt(Integer::intValue).toArray(),
        provenance,
        notes);
  }
}
