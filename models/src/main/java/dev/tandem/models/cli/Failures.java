package dev.tandem.models.cli;

import dev.tandem.datasets.DataException;
import dev.tandem.datasets.Nearest;
import dev.tandem.engine.BackendUnavailableException;
import dev.tandem.engine.MemoryShortageError;
import dev.tandem.models.ModelException;
import dev.tandem.models.weights.WeightsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line on standard error what went wrong and what to do, and gives the exit code. */
final class Failures {
  static final String DEBUG = "--debug";

  private final PrintWriter err;
  private final boolean debug;

  Failures(PrintWriter err, boolean debug) {
    this.err = err;
    this.debug = debug;
  }

  /** Reports wrong usage. */
  int usage(ParameterException exception) {
    report(usageMessage(exception), exception);
    return CommandLine.ExitCode.USAGE;
  }

  /** Reports what a command threw. */
  int failure(Throwable thrown) {
    report(failureMessage(thrown), thrown);
    return CommandLine.ExitCode.SOFTWARE;
  }

  private void report(String message, Throwable thrown) {
    err.println("tandem: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
    if (debug) {
      thrown.printStackTrace(err);
    }
    err.flush();
  }

  static String help(CommandLine command) {
    return command.getCommandSpec().qualifiedName() + " --help";
  }

  private static String usageMessage(ParameterException exception) {
    CommandLine command = exception.getCommandLine();
    if (exception instanceof UnmatchedArgumentException unmatched) {
      return unmatchedMessage(command, unmatched.getUnmatched().get(0));
    }
    if (exception.getArgSpec() != null && exception.getValue() != null) {
      return valueMessage(exception);
    }
    // Of groups of options picocli says "Error: Missing required argument(s): ...".
    String message = exception.getMessage().replaceFirst("^Error: ", "");
    boolean advised = exception.getClass() == ParameterException.class && message.endsWith(")");
    return advised ? message : decapitalize(message) + " (" + help(command) + " explains)";
  }

  private static String unmatchedMessage(CommandLine command, String argument) {
    if (argument.startsWith("-")) {
      String name = argument.replaceFirst("=.*", "");
      return "unknown option '"
          + name
          + "'"
          + advice(command, name, command.getCommandSpec().optionsMap().keySet());
    }
    if (command.getSubcommands().isEmpty()) {
      return "unexpected argument '" + argument + "' (" + help(command) + " explains)";
    }
    return "unknown command '"
        + argument
        + "'"
        + advice(command, argument, command.getSubcommands().keySet());
  }

  private static String advice(CommandLine command, String given, Iterable<String> valid) {
    return " (did you mean '%s'? %s lists all)"
        .formatted(Nearest.of(given, list(valid)), help(command));
  }

  private static String valueMessage(ParameterException exception) {
    ArgSpec argument = exception.getArgSpec();
    String value = exception.getValue();
    String name =
        argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    String wrong = name + ": '" + value + "' is not ";
    Class<?> type =
        argument.typeInfo().isMultiValue() ? argument.auxiliaryTypes()[0] : argument.type();
    List<String> valid = validValues(argument, type);
    if (!valid.isEmpty()) {
      return "%sa valid value (did you mean '%s'? valid: %s)"
          .formatted(wrong, Nearest.of(value, valid), String.join(", ", valid));
    }
    String help = " (" + help(exception.getCommandLine()) + " explains)";
    if (List.of(int.class, Integer.class, long.class, Long.class).contains(type)) {
      return value.matches("-?\\d+")
          ? name + ": " + value + " is out of range" + help
          : wrong + "a whole number" + help;
    }
    if (List.of(float.class, Float.class, double.class, Double.class).contains(type)) {
      return wrong + "a number" + help;
    }
    return decapitalize(exception.getMessage()) + help;
  }

  private static List<String> validValues(ArgSpec argument, Class<?> type) {
    if (argument.completionCandidates() == null) {
      return List.of();
    }
    List<String> values = list(argument.completionCandidates());
    return type.isEnum()
        ? values.stream().map(value -> value.toLowerCase(Locale.ROOT)).toList()
        : values;
  }

  private static List<String> list(Iterable<String> names) {
    return StreamSupport.stream(names.spliterator(), false).toList();
  }

  private static String decapitalize(String message) {
    return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
  }

  private static String failureMessage(Throwable thrown) {
    if (thrown instanceof UncheckedIOException unchecked) {
      return failureMessage(unchecked.getCause());
    }
    if (thrown instanceof NoSuchFileException missing) {
      return "no such file: " + missing.getFile();
    }
    if (thrown instanceof FileAlreadyExistsException existing) {
      return "exists already: " + existing.getFile();
    }
    if (thrown instanceof AccessDeniedException denied) {
      return "access denied: " + denied.getFile();
    }
    if (thrown instanceof NotDirectoryException other) {
      return "not a directory: " + other.getFile();
    }
    if (thrown instanceof MemoryShortageError) {
      return thrown.getMessage();
    }
    if (thrown instanceof OutOfMemoryError) {
      return "out of memory with "
          + (Runtime.getRuntime().maxMemory() >> 20)
          + " MiB of heap (a smaller batch needs less; TANDEM_OPTS=-Xmx8g allows more)";
    }
    if (thrown instanceof NoClassDefFoundError missing && isDesktop(missing)) {
      return "this Java has no module java.desktop, which reads pictures (run Tandem on a whole JDK 25)";
    }
    boolean foreseen =
        thrown instanceof CommandFailure
            || thrown instanceof DataException
            || thrown instanceof ModelException
            || thrown instanceof WeightsException
            || thrown instanceof BackendUnavailableException
            || thrown instanceof IOException
            || thrown instanceof IllegalArgumentException
            || thrown instanceof IllegalStateException;
    if (foreseen && thrown.getMessage() != null) {
      return thrown.getMessage();
    }
    List<String> parts =
        new ArrayList<>(List.of("unexpected " + thrown.getClass().getSimpleName()));
    if (thrown.getMessage() != null) {
      parts.add(thrown.getMessage());
    }
    return String.join(": ", parts)
        + " (a defect of Tandem: please report it with the output of "
        + DEBUG
        + ")";
  }

  /** The bundle's own runtime leaves it out. */
  private static boolean isDesktop(NoClassDefFoundError missing) {
    String name = String.valueOf(missing.getMessage());
    return name.contains("java/awt/") || name.contains("javax/imageio/");
  }
}
