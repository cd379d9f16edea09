package dev.tandem.engine.cuda.loading;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Versions as NVIDIA writes them. */
final class Versions {
  private static final Pattern PART = Pattern.compile("\\d+|\\D+");
  private static final Pattern FILE = Pattern.compile("\\.so\\.([0-9.]+)$");

  private Versions() {}

  /** Compares names so that the numbers within count as numbers: cuda-12.10 is above cuda-12.9. */
  static int compare(String first, String second) {
    Matcher a = PART.matcher(first);
    Matcher b = PART.matcher(second);
    while (true) {
      boolean more = a.find();
      if (!b.find()) {
        return more ? 1 : 0;
      }
      if (!more) {
        return -1;
      }
      int order = comparePart(a.group(), b.group());
      if (order != 0) {
        return order;
      }
    }
  }

  private static int comparePart(String a, String b) {
    boolean numbers = Character.isDigit(a.charAt(0)) && Character.isDigit(b.charAt(0));
    return numbers && a.length() != b.length() ? a.length() - b.length() : a.compareTo(b);
  }

  /** Returns a version such as 12.6 from CUDA's number for it, such as 12060. */
  static String cuda(int number) {
    return number / 1000 + "." + number % 1000 / 10;
  }

  /** Returns a version such as 9.5.1 from cuDNN's number: 90501 since version 9, 8907 before. */
  static String cudnn(long number) {
    long unit = number >= 90000 ? 10000 : 1000;
    return number / unit + "." + number % unit / 100 + "." + number % 100;
  }

  /** Returns the version in a file's name such as libcublas.so.12.6.4.1, or an empty string. */
  static String file(String name) {
    Matcher matcher = FILE.matcher(name);
    return matcher.find() ? matcher.group(1) : "";
  }
}
