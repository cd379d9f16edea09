package dev.tandem.engine.cuda.loading;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Loads JCuda's native halves. JCuda itself would take a file of a fixed name in the folder for
 * temporary files, where anybody may have put one. So each is written, retargeted at the CUDA that
 * was chosen, into a new folder that nobody else may enter; JCuda is pointed at that folder while
 * its classes initialise; and the folder is removed at once, as a library that is loaded needs no
 * name.
 */
final class JCudaNatives {
  /** The release by which JCuda names its libraries. */
  static final String RELEASE = "12.6.0";

  /** The release whose library is linked against cuDNN 8. */
  private static final String RELEASE_OF_CUDNN_8 = "11.7.0";

  private static final String TEMPORARY = "java.io.tmpdir";

  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FOLDER =
      PosixFilePermissions.asFileAttribute(PRIVATE);

  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** JCuda's classes by the libraries that they load. */
  private static final Map<String, String> CLASSES = classes();

  private JCudaNatives() {}

  private static Map<String, String> classes() {
    Map<String, String> classes = new LinkedHashMap<>();
    classes.put("JCudaDriver", "jcuda.driver.JCudaDriver");
    classes.put("JCublas2", "jcuda.jcublas.JCublas2");
    classes.put("JNvrtc", "jcuda.nvrtc.JNvrtc");
    classes.put("JCudnn", "jcuda.jcudnn.JCudnn");
    return classes;
  }

  /**
   * Loads them against libraries that are open already.
   *
   * @param cuda the major version of CUDA
   * @param cudnn the major version of cuDNN
   * @throws IOException if the folder cannot be made, is not private, or a library cannot be
   *     written
   * @throws LinkageError if one does not load
   */
  static void load(int cuda, int cudnn) throws IOException {
    Path folder = Files.createTempDirectory("tandem-cuda-", PRIVATE_FOLDER);
    try {
      requirePrivate(folder);
      for (String name : CLASSES.keySet()) {
        boolean older = name.equals("JCudnn") && cudnn == 8;
        Files.write(
            Files.createFile(folder.resolve(fileName(name, RELEASE)), PRIVATE_FILE),
            SonameRetarget.retarget(
                resource(fileName(name, older ? RELEASE_OF_CUDNN_8 : RELEASE)), renames(cuda)),
            StandardOpenOption.WRITE);
      }
      initialize(folder);
    } finally {
      remove(folder);
    }
  }

  /** The JDK keeps its own folder for temporary files, so that only JCuda notices the change. */
  private static void initialize(Path folder) {
    String before = System.setProperty(TEMPORARY, folder.toString());
    try {
      for (String name : CLASSES.values()) {
        Class.forName(name);
      }
    } catch (ClassNotFoundException incomplete) {
      throw new NoClassDefFoundError(incomplete.getMessage());
    } finally {
      System.setProperty(TEMPORARY, before);
    }
  }

  private static Map<String, String> renames(int cuda) {
    return cuda == 12
        ? Map.of()
        : Map.of(
            "libcublas.so.12", "libcublas.so." + cuda, "libnvrtc.so.12", "libnvrtc.so." + cuda);
  }

  private static String fileName(String name, String release) {
    return "lib" + name + "-" + release + "-linux-x86_64.so";
  }

  private static byte[] resource(String fileName) throws IOException {
    try (InputStream in = JCudaNatives.class.getResourceAsStream("/lib/" + fileName)) {
      if (in == null) {
        throw new IOException("the program lacks its file lib/" + fileName);
      }
      return in.readAllBytes();
    }
  }

  /** On file systems without permissions the folder would be open to all. */
  static void requirePrivate(Path folder) throws IOException {
    if (Files.isSymbolicLink(folder)
        || !Files.getPosixFilePermissions(folder).equals(PRIVATE)
        || !Files.getOwner(folder).getName().equals(System.getProperty("user.name"))) {
      throw new IOException(
          "%s is open to other users (give another with -D%s)".formatted(folder, TEMPORARY));
    }
  }

  private static void remove(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> stream = Files.list(folder)) {
      files = stream.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(folder);
  }
}
