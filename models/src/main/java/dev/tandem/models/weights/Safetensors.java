package dev.tandem.models.weights;

import static dev.tandem.models.weights.WeightsException.quote;

import dev.tandem.datasets.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads and writes weights in the safetensors format: the length of a JSON header (8 bytes, little
 * endian), the header, and the tensors' bytes, little endian and row-major.
 *
 * <p>Nothing in a file is believed before it is checked: lengths and offsets against the size of
 * the file, shapes against offsets, and that the tensors cover the data exactly once. What memory a
 * file can make us take is therefore bounded by its own size.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">The format</a>
 */
public final class Safetensors {
  static final String REMEDY = "copy or save the file again";

  /** The limit of the reference implementation. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final int BUFFER_BYTES = 1 << 16;

  private Safetensors() {}

  /**
   * What a file holds.
   *
   * @param tensors F32, and F64, F16 and BF16 converted to it, in the order of the header
   * @param integers I64, I32, U8 and BOOL, in the order of the header
   * @param metadata the strings under {@code __metadata__}; empty if there are none
   */
  public record Contents(
      List<NamedTensor> tensors, List<NamedIntegers> integers, Map<String, String> metadata) {}

  /**
   * Reads a whole file.
   *
   * @throws WeightsException if it cannot be read, is not valid, has a dtype other than those
   *     above, has a finite F64 that float32 cannot hold, or does not fit the Java heap
   */
  public static Contents read(Path file) {
    try {
      requireRegular(file);
    } catch (NoSuchFileException e) {
      throw new WeightsException(file, "does not exist", "check the path", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    try (FileChannel channel = FileChannel.open(file)) {
      return read(file, channel);
    } catch (EOFException e) {
      throw new WeightsException(file, "ended while it was read", REMEDY, e);
    } catch (OutOfMemoryError e) {
      throw outOfHeap(file, e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * Writes tensors as F32 in the given order, replacing the file as a whole. If that fails, a file
   * that was there is as before.
   *
   * @param metadata strings to keep under {@code __metadata__}; PyTorch's tools expect {@code
   *     format=pt}
   * @throws WeightsException if the file cannot be written
   * @throws IllegalArgumentException if two tensors have the same name, or one is called {@code
   *     __metadata__}
   */
  public static void write(Path file, List<NamedTensor> tensors, Map<String, String> metadata) {
    byte[] header = header(tensors, metadata);
    try {
      AtomicFile.replace(
          file,
          channel -> {
            writeFully(channel, buffer(Long.BYTES).putLong(header.length).flip());
            writeFully(channel, ByteBuffer.wrap(header));
            ByteBuffer buffer = buffer(BUFFER_BYTES);
            for (NamedTensor tensor : tensors) {
              for (float value : tensor.values()) {
                if (!buffer.hasRemaining()) {
                  writeFully(channel, buffer.flip());
                  buffer.clear();
                }
                buffer.putFloat(value);
              }
            }
            writeFully(channel, buffer.flip());
          });
    } catch (IOException e) {
      throw new WeightsException(
          file, "cannot be written: " + reason(e), "check the directory and its free space", e);
    }
  }

  /** Opening a pipe would wait for somebody to write into it. */
  private static void requireRegular(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    if (!attributes.isRegularFile()) {
      throw new WeightsException(
          file,
          attributes.isDirectory() ? "is a directory" : "is not a regular file",
          "name a safetensors file");
    }
  }

  private static Contents read(Path file, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < Long.BYTES) {
      throw new WeightsException(file, "has " + size + " bytes, too few for a header", REMEDY);
    }
    long headerBytes = readFully(channel, 0, buffer(Long.BYTES)).getLong();
    if (headerBytes < 0 || headerBytes > Math.min(MAX_HEADER_BYTES, size - Long.BYTES)) {
      throw new WeightsException(
          file,
          "claims a header of "
              + Long.toUnsignedString(headerBytes)
              + " bytes in a file of "
              + size
              + ", at most "
              + MAX_HEADER_BYTES,
          "is it a safetensors file? " + REMEDY);
    }
    byte[] json = new byte[(int) headerBytes];
    readFully(channel, Long.BYTES, ByteBuffer.wrap(json));
    long dataStart = Long.BYTES + headerBytes;
    SafetensorsHeader header = SafetensorsHeader.parse(file, json, size - dataStart);
    if (header.entries().stream().mapToLong(TensorEntry::arrayBytes).sum()
        > Runtime.getRuntime().maxMemory()) {
      throw outOfHeap(file, null);
    }
    List<NamedTensor> tensors = new ArrayList<>();
    List<NamedIntegers> integers = new ArrayList<>();
    for (TensorEntry entry : header.entries()) {
      if (entry.type().floating) {
        tensors.add(readFloats(file, channel, dataStart, entry));
      } else {
        integers.add(readIntegers(channel, dataStart, entry));
      }
    }
    return new Contents(tensors, integers, header.metadata());
  }

  private static NamedTensor readFloats(
      Path file, FileChannel channel, long dataStart, TensorEntry entry) throws IOException {
    float[] values = new float[entry.elements()];
    ByteBuffer buffer = buffer(entry.end() - entry.begin()).limit(0);
    for (int index = 0; index < values.length; index++) {
      refill(channel, dataStart, entry, index, buffer);
      values[index] =
          switch (entry.type()) {
            case F32 -> buffer.getFloat();
            case F16 -> Float.float16ToFloat(buffer.getShort());
            case BF16 -> Float.intBitsToFloat(buffer.getShort() << 16);
            default -> narrow(file, entry, buffer.getDouble());
          };
    }
    return new NamedTensor(entry.name(), entry.shape(), values);
  }

  private static float narrow(Path file, TensorEntry entry, double value) {
    float narrowed = (float) value;
    if (Float.isInfinite(narrowed) && !Double.isInfinite(value)) {
      throw new WeightsException(
          file,
          "tensor " + quote(entry.name()) + " holds " + value + ", beyond float32",
          "save it as F32 with values up to 3.4e38");
    }
    return narrowed;
  }

  private static NamedIntegers readIntegers(FileChannel channel, long dataStart, TensorEntry entry)
      throws IOException {
    long[] values = new long[entry.elements()];
    ByteBuffer buffer = buffer(entry.end() - entry.begin()).limit(0);
    for (int index = 0; index < values.length; index++) {
      refill(channel, dataStart, entry, index, buffer);
      values[index] =
          switch (entry.type()) {
            case I64 -> buffer.getLong();
            case I32 -> buffer.getInt();
            case BOOL -> buffer.get() == 0 ? 0 : 1;
            default -> Byte.toUnsignedLong(buffer.get());
          };
    }
    return new NamedIntegers(entry.name(), entry.shape(), values);
  }

  /** Gets the bytes from element {@code index} on, once those before it are used up. */
  private static void refill(
      FileChannel channel, long dataStart, TensorEntry entry, int index, ByteBuffer buffer)
      throws IOException {
    if (!buffer.hasRemaining()) {
      long from = entry.begin() + (long) index * entry.type().bytes;
      buffer.clear().limit((int) Math.min(buffer.capacity(), entry.end() - from));
      readFully(channel, dataStart + from, buffer);
    }
  }

  private static ByteBuffer readFully(FileChannel channel, long position, ByteBuffer buffer)
      throws IOException {
    long next = position;
    while (buffer.hasRemaining()) {
      int count = channel.read(buffer, next);
      if (count < 0) {
        throw new EOFException();
      }
      next += count;
    }
    return buffer.flip();
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static byte[] header(List<NamedTensor> tensors, Map<String, String> metadata) {
    Set<String> names = new HashSet<>(Set.of(SafetensorsHeader.METADATA));
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    try (JsonGenerator json =
        new JsonFactory().createGenerator(ObjectWriteContext.empty(), header)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectPropertyStart(SafetensorsHeader.METADATA);
        metadata.forEach(json::writeStringProperty);
        json.writeEndObject();
      }
      long begin = 0;
      for (NamedTensor tensor : tensors) {
        if (!names.add(tensor.name())) {
          throw new IllegalArgumentException(
              "the tensor name " + quote(tensor.name()) + " is taken: give every tensor its own");
        }
        long end = begin + (long) tensor.values().length * Float.BYTES;
        json.writeObjectPropertyStart(tensor.name());
        json.writeStringProperty("dtype", "F32");
        json.writeName("shape");
        json.writeArray(tensor.shape(), 0, tensor.shape().length);
        json.writeName("data_offsets");
        json.writeArray(new long[] {begin, end}, 0, 2);
        json.writeEndObject();
        begin = end;
      }
      json.writeEndObject();
    }
    // Padded so that the tensors start at a multiple of 8 and can be mapped into memory.
    while (header.size() % Long.BYTES != 0) {
      header.write(' ');
    }
    return header.toByteArray();
  }

  private static ByteBuffer buffer(long bytes) {
    return ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static WeightsException unreadable(Path file, IOException e) {
    return new WeightsException(
        file, "cannot be read: " + reason(e), "check its permissions and its disk", e);
  }

  private static WeightsException outOfHeap(Path file, Throwable cause) {
    return new WeightsException(
        file,
        "does not fit the Java heap of " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB",
        "raise it with TANDEM_OPTS=-Xmx",
        cause);
  }

  /** Without the path, which the message names already; some exceptions consist of it alone. */
  private static String reason(IOException e) {
    if (e instanceof FileSystemException failure) {
      return failure.getReason() == null
          ? e.getClass().getSimpleName().replace("Exception", "")
          : failure.getReason();
    }
    return String.valueOf(e.getMessage());
  }
}
