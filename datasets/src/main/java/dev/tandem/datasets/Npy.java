package dev.tandem.datasets;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * NumPy's {@code .npy} files, format versions 1.0 and 2.0 (numpy.lib.format).
 *
 * <p>Read: f2, f4, f8 (to float32), i4, i8 (must fit int32), u1, i2, b1 (all three to int32), both
 * byte orders, C and Fortran order. Written: little-endian float32 and int32. Nothing is allocated
 * before the header, its shape and the size of the file agree.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** What version 1.0 can hold; numpy itself refuses to read more than 10,000 bytes. */
  private static final int LARGEST_HEADER = 65535;

  private static final int CHUNK_BYTES = 1 << 16;
  private static final int ALIGNMENT = 64;
  private static final String SAVE_AGAIN = "save it again with numpy.save";

  private Npy() {}

  /**
   * Reads an array.
   *
   * @throws DataException if the file cannot be read, is no {@code .npy} file, is truncated or
   *     longer than its header says, has another element type, or a value that float32 or int32
   *     cannot hold
   */
  public static HostArray read(Path file) {
    long size = DataFiles.size(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      NpyHeader header = readHeader(file, channel, size);
      int count = header.count(file);
      long expected = (long) count * header.elementBytes();
      long found = size - channel.position();
      if (found != expected) {
        throw DataException.of(
            "%s %s: shape %s of %s needs %d bytes of data, the file has %d (copy it again, or %s)",
            file,
            found < expected ? "is truncated" : "is longer than its header says",
            header.describeShape(),
            header.type(),
            expected,
            found,
            SAVE_AGAIN);
      }
      return header.type().startsWith("f")
          ? HostArray.of(readFloats(file, channel, header, count), header.shape())
          : HostArray.of(readInts(file, channel, header, count), header.shape());
    } catch (EOFException e) {
      throw new DataException(file + " became shorter while it was read (copy it again)", e);
    } catch (IOException e) {
      throw DataFiles.unreadable(file, e);
    }
  }

  /**
   * Writes a float32 or int32 array in format version 1.0. The file appears whole or not at all: it
   * is written beside its place and then moved there, replacing a file of that name.
   *
   * @throws DataException if it cannot be written; a file that was there before is then unchanged
   */
  public static void write(Path file, HostArray array) {
    Path target = file.toAbsolutePath();
    if (Files.isDirectory(target)) {
      throw new DataException(file + " cannot be written: it is a directory (name a file)");
    }
    if (!Files.isDirectory(target.getParent())) {
      throw new DataException(
          file + " cannot be written: its directory does not exist (create it first)");
    }
    try {
      AtomicFile.replace(
          target,
          channel -> {
            writeAll(channel, headerOf(array));
            writeData(channel, array);
          });
    } catch (IOException e) {
      throw new DataException(
          file
              + " cannot be written: "
              + (e instanceof FileSystemException failed && failed.getReason() != null
                  ? failed.getReason()
                  : e)
              + " (check the directory, its permissions and space)",
          e);
    }
  }

  private static NpyHeader readHeader(Path file, FileChannel channel, long size)
      throws IOException {
    DataException foreign =
        new DataException(file + " is not a .npy file (write it with numpy.save)");
    if (size < MAGIC.length + 4) {
      throw foreign;
    }
    ByteBuffer start = readFully(channel, MAGIC.length + 4);
    for (byte expected : MAGIC) {
      if (start.get() != expected) {
        throw foreign;
      }
    }
    int major = start.get() & 0xff;
    int minor = start.get() & 0xff;
    long length = start.getShort() & 0xffff;
    if (major == 2 && minor == 0 && size >= MAGIC.length + 6) {
      length |= (readFully(channel, 2).getShort() & 0xffffL) << 16;
    } else if (major != 1 || minor != 0) {
      throw DataException.of(
          "%s has .npy format version %d.%d, versions 1.0 and 2.0 can be read (%s)",
          file, major, minor, SAVE_AGAIN);
    }
    if (length > LARGEST_HEADER || length > size - channel.position()) {
      throw DataException.of(
          "%s has a .npy header of %d bytes in a file of %d bytes, at most %d are read (%s)",
          file, length, size, LARGEST_HEADER, SAVE_AGAIN);
    }
    ByteBuffer header = readFully(channel, (int) length);
    return NpyHeader.parse(file, new String(header.array(), StandardCharsets.ISO_8859_1));
  }

  private static float[] readFloats(Path file, FileChannel channel, NpyHeader header, int count)
      throws IOException {
    float[] values = new float[count];
    String type = header.type();
    Places places = new Places(header);
    Chunks chunks = new Chunks(channel, header, count);
    for (int i = 0; i < count; i++) {
      ByteBuffer chunk = chunks.next();
      double value =
          switch (type) {
            case "f8" -> chunk.getDouble();
            case "f4" -> chunk.getFloat();
            default -> Float.float16ToFloat(chunk.getShort());
          };
      int place = places.next();
      values[place] = (float) value;
      if (Float.isInfinite(values[place]) && !Double.isInfinite(value)) {
        throw outOfRange(file, place, value, "float32", "scale the values");
      }
    }
    return values;
  }

  private static int[] readInts(Path file, FileChannel channel, NpyHeader header, int count)
      throws IOException {
    int[] values = new int[count];
    String type = header.type();
    Places places = new Places(header);
    Chunks chunks = new Chunks(channel, header, count);
    for (int i = 0; i < count; i++) {
      ByteBuffer chunk = chunks.next();
      long value =
          switch (type) {
            case "i8" -> chunk.getLong();
            case "i4" -> chunk.getInt();
            case "i2" -> chunk.getShort();
            case "u1" -> chunk.get() & 0xff;
            default -> chunk.get() == 0 ? 0 : 1;
          };
      int place = places.next();
      values[place] = (int) value;
      if (values[place] != value) {
        throw outOfRange(file, place, value, "int32", "renumber the values");
      }
    }
    return values;
  }

  private static DataException outOfRange(
      Path file, int index, Object value, String type, String remedy) {
    return DataException.of(
        "%s: %s at flat index %d does not fit %s (%s)", file, value, index, type, remedy);
  }

  private static ByteBuffer headerOf(HostArray array) {
    int[] shape = array.shape();
    String axes =
        Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    String text =
        String.format(
            "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }",
            array.isFloat() ? "<f4" : "<i4", axes, shape.length == 1 ? "," : "");
    int preamble = MAGIC.length + 4;
    int padding = ALIGNMENT - (preamble + text.length() + 1) % ALIGNMENT;
    byte[] header =
        (text + " ".repeat(padding % ALIGNMENT) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer buffer =
        ByteBuffer.allocate(preamble + header.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) header.length).put(header);
    return buffer.flip();
  }

  private static void writeData(FileChannel channel, HostArray array) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int count = array.isFloat() ? array.floats().length : array.ints().length;
    for (int from = 0; from < count; from += CHUNK_BYTES / Integer.BYTES) {
      int length = Math.min(CHUNK_BYTES / Integer.BYTES, count - from);
      chunk.clear();
      if (array.isFloat()) {
        chunk.asFloatBuffer().put(array.floats(), from, length);
      } else {
        chunk.asIntBuffer().put(array.ints(), from, length);
      }
      writeAll(channel, chunk.limit(length * Integer.BYTES));
    }
  }

  private static void writeAll(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static ByteBuffer readFully(FileChannel channel, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    fill(channel, buffer);
    return buffer;
  }

  private static void fill(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException();
      }
    }
    buffer.flip();
  }

  /** The row-major place of each element, in the order of the file. */
  private static final class Places {
    private final int[] shape;
    private final int[] strides;
    private final int[] index;
    private int place;

    Places(NpyHeader header) {
      // In C order one axis is enough: place after place.
      shape = header.fortran() ? header.shape() : new int[] {Integer.MAX_VALUE};
      index = new int[shape.length];
      strides = new int[shape.length];
      int stride = 1;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        strides[axis] = stride;
        stride *= shape[axis];
      }
    }

    int next() {
      int next = place;
      for (int axis = 0; axis < shape.length; axis++) {
        place += strides[axis];
        if (++index[axis] < shape[axis]) {
          break;
        }
        place -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
      return next;
    }
  }

  /** The elements of the file one after the other, through one small buffer. */
  private static final class Chunks {
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
    private long remainingBytes;

    Chunks(FileChannel channel, NpyHeader header, int count) {
      this.channel = channel;
      this.remainingBytes = (long) count * header.elementBytes();
      buffer.order(header.order()).limit(0);
    }

    /** The buffer, positioned at the next element. */
    ByteBuffer next() throws IOException {
      if (!buffer.hasRemaining()) {
        buffer.clear().limit((int) Math.min(CHUNK_BYTES, remainingBytes));
        remainingBytes -= buffer.limit();
        fill(channel, buffer);
      }
      return buffer;
    }
  }
}
