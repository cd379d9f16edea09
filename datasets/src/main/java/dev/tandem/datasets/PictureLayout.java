package dev.tandem.datasets;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which files are pictures of which class: {@code CLASS/FILE}, or {@code train/CLASS/FILE} and
 * {@code test/CLASS/FILE} where both folders are there.
 *
 * @param pictures training part first, then by class and name
 * @param emptyClasses folders of classes without a picture
 * @param others files of other types
 * @param misplaced pictures that lie in no class folder, or in a folder below it
 */
record PictureLayout(
    List<Found> pictures, List<String> emptyClasses, List<String> others, List<String> misplaced) {

  private static final String TRAIN = "train";
  private static final String TEST = "test";

  /** A picture by its name. */
  record Found(String name, boolean test, String className) {}

  /**
   * Sorts names into pictures and others. Names that begin with a dot, and what lies below them,
   * are neither.
   *
   * @param archive whether to ignore a folder that holds everything else, as archives have
   */
  static PictureLayout of(List<String> all, boolean archive) {
    List<String> names = all.stream().filter(name -> !isHidden(name)).toList();
    String root = archive ? commonFolder(names) : "";
    boolean parts = hasFolder(names, root + TRAIN + "/") && hasFolder(names, root + TEST + "/");
    List<Found> pictures = new ArrayList<>();
    List<String> others = new ArrayList<>();
    List<String> misplaced = new ArrayList<>();
    TreeSet<String> empty = new TreeSet<>();
    for (String name : names) {
      if (name.length() <= root.length()) {
        continue;
      }
      String[] path = name.substring(root.length()).split("/");
      int classAt = parts ? 1 : 0;
      boolean part = !parts || path[0].equals(TRAIN) || path[0].equals(TEST);
      if (name.endsWith("/")) {
        if (part && path.length == classAt + 1) {
          empty.add(name.substring(0, name.length() - 1));
        }
      } else if (!Picture.isNamed(name)) {
        others.add(name);
      } else if (part && path.length == classAt + 2) {
        pictures.add(new Found(name, parts && path[0].equals(TEST), path[classAt]));
      } else {
        misplaced.add(name);
      }
    }
    pictures.forEach(found -> empty.remove(found.name.substring(0, found.name.lastIndexOf('/'))));
    pictures.sort(
        Comparator.comparing(Found::test)
            .thenComparing(Found::className)
            .thenComparing(Found::name));
    return new PictureLayout(pictures, List.copyOf(empty), others, misplaced);
  }

  private static boolean isHidden(String name) {
    for (String part : name.split("/")) {
      if (part.startsWith(".") || part.equals("__MACOSX")) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasFolder(List<String> names, String folder) {
    return names.stream().anyMatch(name -> name.startsWith(folder));
  }

  /** The folder, or folders in folders, that all pictures lie in beside their class folder. */
  private static String commonFolder(List<String> names) {
    String root = "";
    while (true) {
      int from = root.length();
      Set<String> firsts =
          names.stream()
              .filter(name -> !name.endsWith("/") && Picture.isNamed(name))
              .map(name -> name.substring(from))
              .map(
                  name ->
                      name.chars().filter(c -> c == '/').count() < 2
                          ? ""
                          : name.substring(0, name.indexOf('/') + 1))
              .collect(Collectors.toSet());
      if (firsts.size() != 1 || firsts.contains("")) {
        return root;
      }
      root += firsts.iterator().next();
    }
  }
}
