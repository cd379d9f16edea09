package dev.tandem.engine.cuda.loading;

import dev.tandem.engine.BackendUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Makes the classes of JCuda load on the CUDA 12 or 13 and cuDNN 8 or 9 that the machine has. */
@SuppressWarnings("restricted")
public final class CudaLibraries {
  private static final String JCUDA = "12.6.0";
  private static final String SUFFIX = "-linux-x86_64.so";
  private static LoadedLibraries loaded;

  private CudaLibraries() {}

  /**
   * Loads everything once; afterwards JCudaDriver, JNvrtc, JCublas2 and JCudnn may be touched.
   *
   * @throws BackendUnavailableException if a library is missing
   */
  public static synchronized LoadedLibraries load() {
    if (loaded == null) {
      loaded = loadNow();
    }
    return loaded;
  }

  private static LoadedLibraries loadNow() {
    boolean standIn = Boolean.getBoolean("tandem.cuda.standin");
    List<Path> directories = directories(standIn);
    List<LoadedLibraries.Library> found = new ArrayList<>();
    found.add(open("libcuda.so.1", directories, standIn));
    int cuda = 0;
    for (int major : new int[] {13, 12}) {
      LoadedLibraries.Library light = open("libcublasLt.so." + major, directories, standIn);
      LoadedLibraries.Library cublas = open("libcublas.so." + major, directories, standIn);
      openBuiltins(major, directories);
      LoadedLibraries.Library nvrtc = open("libnvrtc.so." + major, directories, standIn);
      if (light != null && cublas != null && nvrtc != null) {
        cuda = major;
        found.add(cublas);
        found.add(nvrtc);
        break;
      }
    }
    int cudnn = 9;
    found.add(open("libcudnn.so.9", directories, standIn));
    if (cuda == 0 || found.contains(null)) {
      throw new BackendUnavailableException(
          "NVIDIA's libraries are missing (install the driver, CUDA and cuDNN)");
    }
    try {
      place(cuda, cudnn);
    } catch (IOException | ReflectiveOperationException | LinkageError failure) {
      throw new BackendUnavailableException("JCuda does not load: " + failure);
    }
    return new LoadedLibraries(List.copyOf(found), standIn);
  }

  private static void place(int cuda, int cudnn) throws IOException, ReflectiveOperationException {
    Path directory =
        Files.createTempDirectory(
            "tandem-cuda-",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    String before = System.getProperty("java.io.tmpdir");
    try {
      Map<String, String> renames =
          Map.of(
              "libcublas.so.12", "libcublas.so." + cuda, "libnvrtc.so.12", "libnvrtc.so." + cuda);
      for (String name : List.of("JCudaDriver", "JCublas2", "JNvrtc", "JCudnn")) {
        place(directory, name, renames);
      }
      System.setProperty("java.io.tmpdir", directory.toString());
      for (String name :
          List.of(
              "jcuda.driver.JCudaDriver",
              "jcuda.jcublas.JCublas2",
              "jcuda.nvrtc.JNvrtc",
              "jcuda.jcudnn.JCudnn")) {
        Class.forName(name);
      }
    } finally {
      System.setProperty("java.io.tmpdir", before);
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  private static void place(Path directory, String name, Map<String, String> renames)
      throws IOException {
    String file = "lib" + name + "-" + JCUDA + SUFFIX;
    try (InputStream in = CudaLibraries.class.getResourceAsStream("/lib/" + file)) {
      if (in == null) {
        throw new IOException("no resource /lib/" + file);
      }
      Files.write(directory.resolve(file), SonameRetarget.retarget(in.readAllBytes(), renames));
    }
  }

  private static LoadedLibraries.Library open(
      String soname, List<Path> directories, boolean standIn) {
    for (Path directory : directories) {
      Path file = directory.resolve(soname);
      if (Files.exists(file)) {
        try {
          SymbolLookup.libraryLookup(file.toRealPath(), Arena.global());
          return new LoadedLibraries.Library(soname, "", file);
        } catch (IllegalArgumentException | IOException unusable) {
          // The next directory may hold one that loads.
        }
      }
    }
    if (standIn) {
      return null;
    }
    try {
      SymbolLookup.libraryLookup(soname, Arena.global());
      return new LoadedLibraries.Library(soname, "", Path.of(soname));
    } catch (IllegalArgumentException missing) {
      return null;
    }
  }

  private static void openBuiltins(int cuda, List<Path> directories) {
    for (Path directory : directories) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(directory, "libnvrtc-builtins.so." + cuda + ".*")) {
        for (Path file : files) {
          SymbolLookup.libraryLookup(file, Arena.global());
        }
      } catch (IOException | IllegalArgumentException missing) {
        // NVRTC looks for it by itself and says if it finds none.
      }
    }
  }

  private static List<Path> directories(boolean standIn) {
    Set<Path> directories = new LinkedHashSet<>();
    String given = System.getProperty("tandem.cuda.libraries");
    if (given != null) {
      directories.add(Path.of(given));
    } else if (standIn) {
      directories.add(Path.of("engine-cuda/target/standin"));
      directories.add(Path.of("target/standin"));
    }
    if (!standIn) {
      for (String variable : List.of("CUDA_HOME", "CUDA_PATH", "CONDA_PREFIX")) {
        String home = System.getenv(variable);
        if (home != null) {
          directories.add(Path.of(home, "lib64"));
          directories.add(Path.of(home, "lib"));
        }
      }
      directories.add(Path.of("/usr/local/cuda/lib64"));
    }
    return List.copyOf(directories);
  }
}
