package dev.tandem.engine.cuda.loading;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Retargets a shared object at another major version of a library that it needs: {@code
 * libcublas.so.12} becomes {@code libcublas.so.13}.
 *
 * <p>The name stands in {@code .dynstr}, where the entry {@code DT_NEEDED}, the file of the needed
 * versions and the name of the version node all point at it, so a string of the same length is
 * written over it. The version node also carries a hash of its name, which the loader compares
 * first. Everything is reached from the program headers; section headers are not needed. See the
 * System V ABI, chapter 5, and the Linux Standard Base's chapter on symbol versioning.
 */
final class SonameRetarget {
  private static final int ELF_MAGIC = 0x464c457f;
  private static final int HEADER_BYTES = 64;
  private static final int CLASS_64 = 2;
  private static final int LITTLE_ENDIAN = 1;
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final long DT_NULL = 0;
  private static final long DT_NEEDED = 1;
  private static final long DT_STRTAB = 5;
  private static final long DT_STRSZ = 10;
  private static final long DT_VERNEED = 0x6ffffffeL;
  private static final long DT_VERNEEDNUM = 0x6fffffffL;
  private static final int DYNAMIC_ENTRY_BYTES = 16;

  private final ByteBuffer elf;
  private final Map<String, String> renames;
  private final int programHeaders;
  private final int programHeaderBytes;
  private final int programHeaderCount;
  private int strings;
  private int stringsBytes;

  private SonameRetarget(byte[] image, Map<String, String> renames) {
    elf = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    this.renames = renames;
    if (image.length < HEADER_BYTES
        || elf.getInt(0) != ELF_MAGIC
        || elf.get(4) != CLASS_64
        || elf.get(5) != LITTLE_ENDIAN) {
      throw new IllegalArgumentException("not a little-endian ELF64 file");
    }
    programHeaders = Math.toIntExact(elf.getLong(32));
    programHeaderBytes = Short.toUnsignedInt(elf.getShort(54));
    programHeaderCount = Short.toUnsignedInt(elf.getShort(56));
  }

  /**
   * Returns a copy of the image that needs other libraries.
   *
   * @param image a shared object, ELF64, little-endian
   * @param renames from the SONAME that the image needs to one of equal length; those that it does
   *     not need are ignored
   * @throws IllegalArgumentException if it is no such image, is damaged, or a length differs
   */
  static byte[] retarget(byte[] image, Map<String, String> renames) {
    renames.forEach(
        (from, to) -> {
          if (from.length() != to.length()) {
            throw new IllegalArgumentException(
                "'%s' cannot become '%s': the lengths differ".formatted(from, to));
          }
        });
    byte[] copy = image.clone();
    try {
      new SonameRetarget(copy, renames).apply();
    } catch (IndexOutOfBoundsException | ArithmeticException damaged) {
      throw new IllegalArgumentException("damaged ELF64 file: " + damaged.getMessage(), damaged);
    }
    return copy;
  }

  private void apply() {
    int dynamic = dynamicSection();
    int versions = -1;
    long versionCount = 0;
    strings = -1;
    for (int entry = dynamic; elf.getLong(entry) != DT_NULL; entry += DYNAMIC_ENTRY_BYTES) {
      long tag = elf.getLong(entry);
      long value = elf.getLong(entry + 8);
      if (tag == DT_STRTAB) {
        strings = fileOffset(value);
      } else if (tag == DT_STRSZ) {
        stringsBytes = Math.toIntExact(value);
      } else if (tag == DT_VERNEED) {
        versions = fileOffset(value);
      } else if (tag == DT_VERNEEDNUM) {
        versionCount = value;
      }
    }
    if (strings < 0) {
      throw new IllegalArgumentException("damaged ELF64 file: no string table");
    }
    for (int entry = dynamic; elf.getLong(entry) != DT_NULL; entry += DYNAMIC_ENTRY_BYTES) {
      if (elf.getLong(entry) == DT_NEEDED) {
        rename(Math.toIntExact(elf.getLong(entry + 8)));
      }
    }
    if (versions >= 0) {
      renameVersions(versions, versionCount);
    }
  }

  /**
   * Elf64_Verneed is version and count (2 + 2 bytes), file, aux and next (4 each); Elf64_Vernaux is
   * hash (4), flags and other (2 + 2), name and next (4 each); aux and next are relative.
   */
  private void renameVersions(int versions, long versionCount) {
    int need = versions;
    for (long i = 0; i < versionCount; i++) {
      rename(elf.getInt(need + 4));
      int count = Short.toUnsignedInt(elf.getShort(need + 2));
      int node = need + elf.getInt(need + 8);
      for (int j = 0; j < count; j++) {
        int name = elf.getInt(node + 8);
        rename(name);
        elf.putInt(node, hash(string(name))); // What was not renamed has this hash already.
        node += elf.getInt(node + 12);
      }
      need += elf.getInt(need + 12);
    }
  }

  /** Renames the string, unless another entry that shares it was there before. */
  private void rename(int offset) {
    String to = renames.get(string(offset));
    if (to != null) {
      elf.put(strings + offset, to.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private String string(int offset) {
    if (offset < 0 || offset >= stringsBytes) {
      throw new IllegalArgumentException("damaged ELF64 file: no string at " + offset);
    }
    int start = strings + offset;
    int end = start;
    while (elf.get(end) != 0) {
      end++;
    }
    return new String(Arrays.copyOfRange(elf.array(), start, end), StandardCharsets.US_ASCII);
  }

  private int dynamicSection() {
    for (int i = 0; i < programHeaderCount; i++) {
      int header = programHeaders + i * programHeaderBytes;
      if (elf.getInt(header) == PT_DYNAMIC) {
        return Math.toIntExact(elf.getLong(header + 8));
      }
    }
    throw new IllegalArgumentException("not a shared object: it has no dynamic section");
  }

  private int fileOffset(long address) {
    for (int i = 0; i < programHeaderCount; i++) {
      int header = programHeaders + i * programHeaderBytes;
      long start = elf.getLong(header + 16);
      if (elf.getInt(header) == PT_LOAD
          && address >= start
          && address < start + elf.getLong(header + 32)) {
        return Math.toIntExact(elf.getLong(header + 8) + (address - start));
      }
    }
    throw new IllegalArgumentException(
        "damaged ELF64 file: address 0x%x lies in no segment".formatted(address));
  }

  /** The hash of the System V ABI, by which the loader finds version nodes. */
  static int hash(String name) {
    int hash = 0;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash << 4) + (name.charAt(i) & 0xff);
      int top = hash & 0xf0000000;
      hash ^= top >>> 24;
      hash &= ~top;
    }
    return hash;
  }
}
