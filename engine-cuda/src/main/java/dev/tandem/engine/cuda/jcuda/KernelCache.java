package dev.tandem.engine.cuda.jcuda;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/**
 * Compiled kernels on disk. What is in a file runs on the device, so only files are taken that
 * belong to the user, lie in a folder that no one else may write to, and whose contents have the
 * checksum that they begin with. Files are written beside their place and moved there, so that
 * programs that run at the same time never see half of one.
 *
 * <p>A cache that cannot be used costs time alone: the reason is logged, and the kernels are
 * compiled again.
 */
final class KernelCache {
  private static final System.Logger LOGGER = System.getLogger(KernelCache.class.getName());
  private static final int CHECKSUM_LENGTH = 32;
  private static final Set<PosixFilePermission> OF_OTHERS =
      Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private final Path folder;

  /** Makes a cache in a folder, which is made when the first kernel is kept. */
  KernelCache(Path folder) {
    this.folder = folder;
  }

  /** Returns the name under which to keep what some texts determine. */
  static String key(String... texts) {
    MessageDigest digest = sha256();
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Returns what was kept under a key; null if there is nothing that may be used. */
  byte[] read(String key) {
    Path file = file(key);
    try {
      requirePrivate(folder);
      requirePrivate(file);
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length <= CHECKSUM_LENGTH) {
        throw new IOException("%s has only %d bytes".formatted(file, bytes.length));
      }
      byte[] code = Arrays.copyOfRange(bytes, CHECKSUM_LENGTH, bytes.length);
      byte[] checksum = Arrays.copyOf(bytes, CHECKSUM_LENGTH);
      if (!MessageDigest.isEqual(checksum, sha256().digest(code))) {
        throw new IOException("the checksum of %s is wrong".formatted(file));
      }
      return code;
    } catch (NoSuchFileException nothing) {
      return null;
    } catch (IOException | UnsupportedOperationException unusable) {
      LOGGER.log(Level.WARNING, "kernels are compiled again: {0}", unusable.getMessage());
      return null;
    }
  }

  /** Keeps compiled kernels under a key. */
  void write(String key, byte[] code) {
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      requirePrivate(folder);
      Path beside =
          Files.createTempFile(
              folder,
              key,
              ".part",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try {
        byte[] checksum = sha256().digest(code);
        byte[] bytes = Arrays.copyOf(checksum, CHECKSUM_LENGTH + code.length);
        System.arraycopy(code, 0, bytes, CHECKSUM_LENGTH, code.length);
        Files.write(beside, bytes);
        Files.move(beside, file(key), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(beside);
      }
    } catch (IOException | UnsupportedOperationException unusable) {
      LOGGER.log(Level.WARNING, "compiled kernels are not kept: {0}", unusable.getMessage());
    }
  }

  private Path file(String key) {
    return folder.resolve(key + ".cubin");
  }

  /** Checks that a file or folder is the user's, and no one else's to write. */
  private static void requirePrivate(Path path) throws IOException {
    PosixFileAttributes attributes =
        Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    // The owner of this process; the name of a user may be unknown, as in a container.
    UserPrincipal user = Files.getOwner(Path.of("/proc/self"));
    if (attributes.isSymbolicLink()
        || !attributes.owner().equals(user)
        || attributes.permissions().stream().anyMatch(OF_OTHERS::contains)) {
      throw new IOException(
          "%s is not of user %s alone (remove it, or let no one else write to it)"
              .formatted(path, user.getName()));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }
}
