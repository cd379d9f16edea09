package dev.tandem.datasets;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.GZIPInputStream;

/** Files compressed by gzip, recognised by their content, whatever their name. */
final class Gzip {
  private static final int FIRST = 0x1f;
  private static final int SECOND = 0x8b;

  private Gzip() {}

  /** A stream from which {@link #isNext} can look ahead. */
  static PushbackInputStream peekable(InputStream in) {
    return new PushbackInputStream(new BufferedInputStream(in), 2);
  }

  /** Whether compressed bytes come next; none are consumed. */
  static boolean isNext(PushbackInputStream in) throws IOException {
    byte[] start = in.readNBytes(2);
    in.unread(start);
    return start.length == 2 && (start[0] & 0xff) == FIRST && (start[1] & 0xff) == SECOND;
  }

  /** The decompressed bytes of a file, or its bytes if it is not compressed. */
  static InputStream decompressed(InputStream in) throws IOException {
    PushbackInputStream peekable = peekable(in);
    return isNext(peekable)
        ? new BufferedInputStream(new GZIPInputStream(peekable, 1 << 16))
        : peekable;
  }
}
