package dev.tandem.models.metrics;

import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Notes that name classes. */
final class ClassNotes {
  private static final int NAMES_PER_NOTE = 5;

  private ClassNotes() {}

  /** Adds a note with the first names of the classes that meet a condition, if there are any. */
  static void add(
      List<String> notes, List<String> classNames, String text, IntPredicate condition) {
    List<String> names =
        IntStream.range(0, classNames.size()).filter(condition).mapToObj(classNames::get).toList();
    if (!names.isEmpty()) {
      String listed = names.stream().limit(NAMES_PER_NOTE).collect(Collectors.joining(", "));
      int more = names.size() - NAMES_PER_NOTE;
      notes.add(text + listed + (more > 0 ? " and " + more + " more" : ""));
    }
  }
}
