package dev.tandem.datasets;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Texts that every JDK brings along, for language models without a download. Classes and files are
 * shuffled, always in the same way, so that all parts of the text are of one kind.
 */
final class JdkTexts {
  private static final String CLASSES = "/modules/java.base/java";
  private static final String SOURCES = "java.base/java/util/";

  private JdkTexts() {}

  /** The methods of the classes under java.*, {@code PriorityQueue.offer}, one on each line. */
  static String names() {
    FileSystem runtime = FileSystems.getFileSystem(URI.create("jrt:/"));
    List<String> classes = new ArrayList<>();
    try (Stream<Path> found = Files.walk(runtime.getPath(CLASSES))) {
      for (Path path : found.filter(file -> file.toString().endsWith(".class")).sorted().toList()) {
        String methods = methods(ClassFile.of().parse(Files.readAllBytes(path)));
        if (!methods.isEmpty()) {
          classes.add(methods);
        }
      }
    } catch (IOException e) {
      throw new DataException(
          "the classes of this JDK cannot be read: " + e.getMessage() + " (use another JDK)", e);
    }
    return shuffled(classes);
  }

  private static String methods(ClassModel model) {
    String path = model.thisClass().asInternalName();
    String name = path.substring(path.lastIndexOf('/') + 1).replace('$', '.');
    // Classes without a name of their own are numbered.
    if (name.matches(".*\\.\\d.*")) {
      return "";
    }
    StringBuilder lines = new StringBuilder();
    model.methods().stream()
        .map(MethodModel::methodName)
        .map(Object::toString)
        .filter(method -> method.chars().allMatch(Character::isLetterOrDigit))
        .distinct()
        .forEach(method -> lines.append(name).append('.').append(method).append('\n'));
    return lines.toString();
  }

  /** The sources of java.util, each without the licence at its beginning. */
  static String source() {
    Path archive = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    if (!Files.isRegularFile(archive)) {
      throw new DataException(
          "data set 'jdk-source' is not here: this JDK has no "
              + archive
              + " (install the JDK's sources, or use jdk-names)");
    }
    List<String> sources = new ArrayList<>();
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      List<String> names = new ArrayList<>();
      for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
        String name = entries.nextElement().getName();
        if (name.startsWith(SOURCES)
            && name.endsWith(".java")
            && name.indexOf('/', SOURCES.length()) < 0) {
          names.add(name);
        }
      }
      Collections.sort(names);
      for (String name : names) {
        String source =
            new String(
                zip.getInputStream(zip.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
        sources.add(source.substring(source.indexOf("*/") + 2).stripLeading());
      }
    } catch (IOException e) {
      throw new DataException(
          archive + " cannot be read: " + e.getMessage() + " (install the JDK's sources again)", e);
    }
    return shuffled(sources);
  }

  private static String shuffled(List<String> texts) {
    Collections.shuffle(texts, new Random(0));
    return String.join("", texts);
  }
}
