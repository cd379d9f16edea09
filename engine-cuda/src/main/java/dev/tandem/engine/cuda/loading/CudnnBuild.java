package dev.tandem.engine.cuda.loading;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells for which CUDA a cuDNN was built without opening it: an open library stays open, and a
 * second cuDNN of the same name could then not be loaded. What is found here only guides the
 * choice; afterwards {@code cudnnGetCudartVersion} has the last word.
 */
final class CudnnBuild {
  private static final Pattern WHEEL = Pattern.compile("nvidia_cudnn_cu(\\d+)-.*");

  /** cuDNN opens cuBLAS by this name, followed by the major version, when it first needs it. */
  private static final byte[] CUBLAS = "libcublasLt.so.".getBytes(StandardCharsets.US_ASCII);

  private static final int BLOCK_BYTES = 1 << 20;

  private CudnnBuild() {}

  /** Returns CUDA's major version, if there is a sign of it. */
  static OptionalInt cudaMajor(Path cudnn) {
    OptionalInt wheel = wheel(cudnn);
    if (wheel.isPresent()) {
      return wheel;
    }
    for (String pattern : List.of("libcudnn_ops.so.*", "libcudnn_ops_infer.so.*")) {
      for (Path operations : SearchPath.matches(cudnn.getParent(), pattern)) {
        OptionalInt named = named(operations);
        if (named.isPresent()) {
          return named;
        }
      }
    }
    return OptionalInt.empty();
  }

  /** A wheel puts the library into nvidia/cudnn/lib and its name beside nvidia. */
  private static OptionalInt wheel(Path cudnn) {
    Path packages = cudnn.toAbsolutePath();
    for (int i = 0; i < 4 && packages != null; i++) {
      packages = packages.getParent();
    }
    if (packages == null) {
      return OptionalInt.empty();
    }
    for (Path record : SearchPath.matches(packages, "nvidia_cudnn_cu*.dist-info")) {
      Matcher matcher = WHEEL.matcher(record.getFileName().toString());
      if (matcher.matches()) {
        return OptionalInt.of(Integer.parseInt(matcher.group(1)));
      }
    }
    return OptionalInt.empty();
  }

  /** Searches the file, of about 100 MiB, block by block; a name may lie across two of them. */
  private static OptionalInt named(Path file) {
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    int kept = CUBLAS.length + 2;
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(block) >= 0) {
        block.flip();
        OptionalInt found = named(block.array(), block.limit());
        if (found.isPresent()) {
          return found;
        }
        block.position(Math.max(0, block.limit() - kept));
        block.compact();
      }
    } catch (IOException unreadable) {
      // Opening it will say so.
    }
    return OptionalInt.empty();
  }

  private static OptionalInt named(byte[] bytes, int length) {
    for (int i = 0; i + CUBLAS.length + 2 <= length; i++) {
      if (bytes[i] == CUBLAS[0] && startsWithCublas(bytes, i)) {
        String digits =
            new String(bytes, i + CUBLAS.length, 2, StandardCharsets.ISO_8859_1)
                .replaceAll("\\D.*", "");
        if (!digits.isEmpty()) {
          return OptionalInt.of(Integer.parseInt(digits));
        }
      }
    }
    return OptionalInt.empty();
  }

  private static boolean startsWithCublas(byte[] bytes, int start) {
    for (int i = 0; i < CUBLAS.length; i++) {
      if (bytes[start + i] != CUBLAS[i]) {
        return false;
      }
    }
    return true;
  }
}
