package dev.tandem.engine.cuda.loading;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Map;
import java.util.Optional;

/**
 * What the search may look at. Tests give made-up trees and environments.
 *
 * @param system the operating system and the architecture, for example {@code Linux amd64}
 * @param root the root of the file system
 * @param home the user's home folder
 * @param user the user's name
 * @param environment the environment variables
 * @param program where this engine's code lies: a jar or a folder of classes; empty if unknown
 * @param libraries the value of {@value #LIBRARIES}, if it is set
 * @param standIn whether {@value #STAND_IN} is set: only the stand-in is to be found then
 */
record Machine(
    String system,
    Path root,
    Path home,
    String user,
    Map<String, String> environment,
    Optional<Path> program,
    Optional<Path> libraries,
    boolean standIn) {
  /** The system property that names a folder with NVIDIA's libraries, searched before any other. */
  static final String LIBRARIES = "tandem.cuda.libraries";

  /** The system property that asks for the host stand-in instead of NVIDIA's libraries. */
  static final String STAND_IN = "tandem.cuda.standin";

  /** The one system that JCuda's natives are packed for here. */
  static final String SUPPORTED = "Linux amd64";

  /** Returns the machine that this program runs on. */
  static Machine current() {
    return new Machine(
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        Path.of("/"),
        Path.of(System.getProperty("user.home")),
        System.getProperty("user.name"),
        System.getenv(),
        locationOfProgram(),
        Optional.ofNullable(System.getProperty(LIBRARIES)).map(Path::of).map(Path::toAbsolutePath),
        Boolean.getBoolean(STAND_IN));
  }

  private static Optional<Path> locationOfProgram() {
    CodeSource source = Machine.class.getProtectionDomain().getCodeSource();
    try {
      return source == null
          ? Optional.empty()
          : Optional.of(Path.of(source.getLocation().toURI()).toAbsolutePath());
    } catch (URISyntaxException unusual) {
      return Optional.empty();
    }
  }

  /** Returns an absolute path of this machine's file system. */
  Path path(String absolute) {
    return root.resolve(absolute.substring(1));
  }

  /** Returns an environment variable, if it is set and not empty. */
  Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }
}
