package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

class TandemTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  enum Colour {
    RED,
    GREEN
  }

  @Command(name = "paint", description = "Paints.", footer = "  tandem paint --colour red")
  static final class Paint implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--colour", defaultValue = "green", description = "What to paint with.")
    private Colour colour;

    @Option(names = "--coats", defaultValue = "2", description = "How often.")
    private int coats;

    @Option(names = "--thickness", defaultValue = "0.5", description = "In millimetres.")
    private double thickness;

    @Option(names = "--sizes", split = ",", description = "Widths.")
    private List<Integer> sizes;

    @Option(names = "--wall", description = "Where.")
    private Path wall;

    @Override
    public Integer call() {
      spec.commandLine().getOut().println(colour + " " + coats + " " + thickness + " " + wall);
      return 0;
    }
  }

  @Command(name = "fail", description = "Fails.")
  static final class Fail implements Callable<Integer> {
    @Option(names = "--how", required = true, description = "The way to fail.")
    private String how;

    @Override
    public Integer call() throws IOException {
      switch (how) {
        case "failure" -> throw new CommandFailure("the wall is wet\n(wait an hour)");
        case "argument" -> throw new IllegalArgumentException("coats: 0 is below 1");
        case "missing" -> throw new NoSuchFileException("wall.csv");
        case "unchecked" ->
            throw new UncheckedIOException(
                new FileSystemException("a", null, "No space left on device"));
        case "memory" -> throw new OutOfMemoryError("Java heap space");
        case "pictures" -> throw new NoClassDefFoundError("javax/imageio/ImageIO");
        case "linkage" -> throw new NoClassDefFoundError("some/Type");
        case "null" -> throw new NullPointerException();
        default -> throw new ArrayIndexOutOfBoundsException("Index 5 out of bounds for length 3");
      }
    }
  }

  private int run(String... args) {
    return Tandem.execute(
        List.of(Paint.class, Fail.class),
        args,
        new PrintWriter(out, true),
        new PrintWriter(err, true));
  }

  private List<String> errorLines() {
    return err.toString().lines().toList();
  }

  @Test
  void aCommandRunsWithItsArguments() {
    assertThat(run("paint", "--colour", "red", "--coats=3", "--wall", "north wall")).isZero();
    assertThat(out.toString().strip()).isEqualTo("RED 3 0.5 north wall");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void helpListsTheCommands() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .contains("Usage: tandem", "COMMAND", "Commands:", "paint", "Paints.", "fail", "Fails.");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void everyCommandHasHelpWithDefaultsAndExamples() {
    assertThat(run("paint", "--help")).isZero();
    assertThat(out.toString())
        .contains("Usage: tandem paint", "--help", "--debug", "Default: green", "Default: 0.5")
        .containsSubsequence("Examples:", "tandem paint --colour red")
        .doesNotContain("null", "\u001b");
  }

  @Test
  void versionNamesJavaAndTheOperatingSystem() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("tandem "),
            line -> assertThat(line).startsWith("Java " + System.getProperty("java.version")),
            line -> assertThat(line).startsWith(System.getProperty("os.name")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                   | no command given (tandem --help lists them)
          piant                                | unknown command 'piant' (did you mean 'paint'? tandem --help lists all)
          demolish                             | unknown command 'demolish' (did you mean 'paint'? tandem --help lists all)
          paint --color red                    | unknown option '--color' (did you mean '--colour'? tandem paint --help lists all)
          paint --color=red                    | unknown option '--color' (did you mean '--colour'? tandem paint --help lists all)
          paint --xyz                          | unknown option '--xyz' (did you mean '--sizes'? tandem paint --help lists all)
          paint ceiling                        | unexpected argument 'ceiling' (tandem paint --help explains)
          paint --colour grene                 | --colour: 'grene' is not a valid value (did you mean 'green'? valid: red, green)
          paint --colour beige                 | --colour: 'beige' is not a valid value (did you mean 'red'? valid: red, green)
          paint --coats two                    | --coats: 'two' is not a whole number (tandem paint --help explains)
          paint --coats 99999999999            | --coats: 99999999999 is out of range (tandem paint --help explains)
          paint --thickness thin               | --thickness: 'thin' is not a number (tandem paint --help explains)
          paint --sizes 1,x                    | --sizes: 'x' is not a whole number (tandem paint --help explains)
          paint --coats                        | missing required parameter for option '--coats' (<coats>) (tandem paint --help explains)
          paint --coats 1 --coats 2            | option '--coats' (<coats>) should be specified only once (tandem paint --help explains)
          fail                                 | missing required option: '--how=<how>' (tandem fail --help explains)
          """)
  void wrongUsageIsOneLineAndExitCode2(String commandLine, String message) {
    assertThat(run(commandLine.isEmpty() ? new String[0] : commandLine.split(" "))).isEqualTo(2);
    assertThat(errorLines()).containsExactly("tandem: " + message);
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          failure   | the wall is wet (wait an hour)
          argument  | coats: 0 is below 1
          missing   | no such file: wall.csv
          unchecked | a: No space left on device
          null      | unexpected NullPointerException (a defect of Tandem: please report it with the output of --debug)
          pictures  | this Java has no module java.desktop, which reads pictures (run Tandem on a whole JDK 25)
          linkage   | unexpected NoClassDefFoundError: some/Type (a defect of Tandem: please report it with the output of --debug)
          index     | unexpected ArrayIndexOutOfBoundsException: Index 5 out of bounds for length 3 (a defect of Tandem: please report it with the output of --debug)
          """)
  void aFailureIsOneLineAndExitCode1(String how, String message) {
    assertThat(run("fail", "--how", how)).isEqualTo(1);
    assertThat(errorLines()).containsExactly("tandem: " + message);
  }

  @Test
  void outOfMemoryNamesTheHeapAndTheWayToMore() {
    assertThat(run("fail", "--how", "memory")).isEqualTo(1);
    assertThat(errorLines()).hasSize(1);
    assertThat(err.toString()).contains("out of memory with", "MiB", "TANDEM_OPTS=-Xmx");
  }

  @Test
  void debugAddsTheStackTrace() {
    assertThat(run("fail", "--how", "null", "--debug")).isEqualTo(1);
    assertThat(errorLines().get(0)).startsWith("tandem: unexpected NullPointerException");
    assertThat(errorLines())
        .anyMatch(line -> line.contains("at dev.tandem.models.cli.TandemTest$Fail.call"));
  }

  @Test
  void debugWorksForWrongUsageAndBeforeTheCommand() {
    assertThat(run("--debug", "piant")).isEqualTo(2);
    assertThat(errorLines()).hasSizeGreaterThan(2);
  }
}
