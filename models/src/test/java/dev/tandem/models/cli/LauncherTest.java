package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs a copy of the script {@code tandem} with a JDK and a Maven wrapper that only say how they
 * were called.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "tandem is a POSIX shell script")
class LauncherTest {
  @TempDir private Path folder;
  private Path project;
  private Path jdk25;
  private Path jdk17;

  private record Result(int exitCode, List<String> out, String err) {}

  @BeforeEach
  void prepare() throws IOException {
    Path repository = Path.of("").toAbsolutePath();
    if (!Files.exists(repository.resolve("tandem.cmd"))) {
      repository = repository.getParent();
    }
    project = Files.createDirectories(folder.resolve("the project"));
    Files.createDirectories(project.resolve(".mvn"));
    for (String name : List.of("tandem", ".mvn/java.sh")) {
      Files.copy(repository.resolve(name), project.resolve(name));
    }
    write(project.resolve("pom.xml"), "");
    write(project.resolve("models/pom.xml"), "");
    write(project.resolve("models/src/main/java/A.java"), "");
    write(
        project.resolve("mvnw"),
        """
        echo "$@" >arguments
        mkdir -p models/target/app benchmarks/target/app
        echo built >models/target/app/models.jar
        echo built >benchmarks/target/app/benchmarks.jar
        """);
    jdk25 = jdk("jdk 25", "25.0.3");
    jdk17 = jdk("jdk 17", "17.0.15");
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = folder.resolve(name);
    write(home.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
    write(home.resolve("bin/javac"), "#!/bin/sh\n");
    write(
        home.resolve("bin/java"),
        "#!/bin/sh\necho \"java " + version + "\"\nprintf '%s\\n' \"$@\"\nexit 7\n");
    return home;
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private Result run(Path script, Path javaHome, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", script.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("JAVA_HOME", javaHome.toString());
    builder.environment().put("TANDEM_OPTS", "-Xmx1g -Dx=*");
    builder
        .environment()
        .merge("PATH", jdk25.resolve("bin").toString(), (path, first) -> first + ":" + path);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    int exitCode =
        builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
    return new Result(exitCode, Files.readAllLines(out), Files.readString(err));
  }

  private Result run(String... arguments) throws IOException, InterruptedException {
    return run(project.resolve("tandem"), jdk25, arguments);
  }

  @Test
  void buildsOnceThenStartsAtOnce() throws IOException, InterruptedException {
    assertThat(run().err()).startsWith("tandem: building").hasLineCount(1);
    assertThat(run().err()).isEmpty();
    try (Stream<Path> left = Files.list(project.resolve("target"))) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("app", "build.log");
    }
  }

  @Test
  void passesArgumentsOptionsAndTheExitCode() throws IOException, InterruptedException {
    Result result = run("train", "--data", "my file*.csv", "");
    assertThat(result.exitCode()).isEqualTo(7);
    assertThat(result.out())
        .startsWith("java 25.0.3")
        .contains("--add-modules=jdk.incubator.vector");
    assertThat(result.out())
        .containsSubsequence(
            "-Xmx1g",
            "-Dx=*",
            "-cp",
            classPath("target/app/models.jar", "target/app/benchmarks.jar"),
            "dev.tandem.models.cli.Tandem")
        .endsWith("train", "--data", "my file*.csv", "");
  }

  private String classPath(String... entries) throws IOException {
    Path root = project.toRealPath();
    return Stream.of(entries)
        .map(entry -> root.resolve(entry).toString())
        .collect(Collectors.joining(":"));
  }

  @Test
  void librariesToMeasureBesideAreThereOnceTheyWereBuilt()
      throws IOException, InterruptedException {
    run();
    assertThat(Files.readString(project.resolve("arguments"))).contains("-pl benchmarks -am");
    Files.createDirectories(project.resolve("benchmarks/peers/target/app"));
    assertThat(run("bench", "--peers").out())
        .contains(
            classPath(
                "target/app/models.jar",
                "target/app/benchmarks.jar",
                "benchmarks/peers/target/app/*"));
    Files.delete(project.resolve("target/app/stamp"));
    run();
    assertThat(Files.readString(project.resolve("arguments")))
        .contains("-Ppeers -pl benchmarks/peers -am");
  }

  @Test
  void startsThroughSymbolicLinks() throws IOException, InterruptedException {
    Path near = Files.createSymbolicLink(folder.resolve("near"), Path.of("the project/tandem"));
    Path far = Files.createSymbolicLink(folder.resolve("far"), near);
    assertThat(run(far, jdk25, "devices").out()).endsWith("devices");
  }

  @Test
  void passesOverAnOlderJavaHome() throws IOException, InterruptedException {
    assertThat(run(project.resolve("tandem"), jdk17).out()).startsWith("java 25.0.3");
  }

  @Test
  void rebuildsWhenASourceIsNewerOrDeleted() throws IOException, InterruptedException {
    run();
    Path stamp = project.resolve("target/app/stamp");
    Path source = project.resolve("models/src/main/java/A.java");
    Files.setLastModifiedTime(
        source, FileTime.from(Files.getLastModifiedTime(stamp).toInstant().plusMillis(1)));
    assertThat(run().err()).startsWith("tandem: building");
    Files.delete(source);
    assertThat(run().err()).startsWith("tandem: building");
  }

  @Test
  void aFailedBuildShowsItsLogAndIsTriedAgain() throws IOException, InterruptedException {
    write(project.resolve("mvnw"), "echo cannot compile A; exit 1");
    for (int attempt = 0; attempt < 2; attempt++) {
      Result result = run();
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.out()).isEmpty();
      assertThat(result.err())
          .contains("cannot compile A", "tandem: the build failed (the whole log is in ");
    }
  }

  @Test
  void takesOverTheLockOfADeadBuild() throws IOException, InterruptedException {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    write(project.resolve("target/build.lock/pid"), Long.toString(dead.pid()));
    assertThat(run().err()).startsWith("tandem: building");
  }
}
