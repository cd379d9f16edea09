package dev.tandem.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Reading files, with errors that a user understands. */
public final class DataFiles {
  private DataFiles() {}

  /** The size of a readable regular file in bytes. */
  static long size(Path file) {
    if (!Files.exists(file)) {
      throw new DataException(file + " does not exist (check the path)");
    }
    if (Files.isDirectory(file)) {
      throw new DataException(file + " is a directory (name a file in it)");
    }
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * All bytes of a file.
   *
   * @throws DataException if it does not exist, is a directory, cannot be read or has over 2 GiB
   */
  public static byte[] readAll(Path file) {
    long size = size(file);
    if (size > Integer.MAX_VALUE - 8) {
      throw new DataException(
          file + " has " + size + " bytes, more than 2 GiB (split it, or convert it to .npy)");
    }
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The error for a file or folder that cannot be read. */
  public static DataException unreadable(Path file, IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return new DataException(file + " does not exist (check the path)", cause);
    }
    if (cause instanceof AccessDeniedException) {
      return new DataException(file + " may not be read (check its permissions)", cause);
    }
    return new DataException(
        file + " cannot be read: " + cause.getMessage() + " (check the file and its disk)", cause);
  }

  static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  static String sha256(Path file) {
    size(file);
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest())) {
      in.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(((DigestInputStream) in).getMessageDigest().digest());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
