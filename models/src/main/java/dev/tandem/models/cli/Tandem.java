package dev.tandem.models.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command {@code tandem}: registers the commands of this package and turns whatever goes wrong
 * into one line on standard error. A command is a {@code Callable<Integer>} annotated with {@link
 * Command}; it prints through {@code spec.commandLine().getOut()}, gives its examples as the
 * annotation's {@code footer}, and fails with {@link CommandFailure}. The options {@code --help}
 * and {@code --debug} are every command's without its doing.
 */
@Command(
    name = "tandem",
    description = "Trains, compares and benchmarks neural networks on the CPU and the GPU.",
    versionProvider = Tandem.Version.class,
    synopsisSubcommandLabel = "COMMAND")
public final class Tandem implements Runnable {
  /** The commands, in the order in which the help lists them. */
  private static final List<Class<?>> COMMANDS =
      List.of(
          TrainCommand.class,
          EvaluateCommand.class,
          PredictCommand.class,
          GenerateCommand.class,
          InspectCommand.class,
          SummaryCommand.class,
          GradcheckCommand.class,
          SelfTestCommand.class,
          DevicesCommand.class);

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Shows this help.")
  private boolean help;

  @Option(
      names = "--version",
      versionHelp = true,
      description = "Shows the versions of Tandem and Java.")
  private boolean version;

  @Option(
      names = Failures.DEBUG,
      scope = ScopeType.INHERIT,
      description = "Shows the stack trace of a failure.")
  private boolean debug;

  /** Runs the command line and exits with its code. */
  public static void main(String[] args) {
    System.exit(
        execute(args, new PrintWriter(System.out, true), new PrintWriter(System.err, true)));
  }

  /**
   * Runs one command.
   *
   * @return the exit code: 0 done, 1 failed, 2 wrong usage; if it is not 0, {@code err} was given
   *     one line that says why
   */
  public static int execute(String[] args, PrintWriter out, PrintWriter err) {
    return execute(COMMANDS, args, out, err);
  }

  /**
   * The command that the arguments begin with, or else all: those of this package, then those that
   * other jars on the class path bring. To read a command's annotations takes milliseconds, which a
   * run of another command is spared.
   */
  private static List<Class<?>> wanted(List<Class<?>> own, String[] args) {
    String first = args.length == 0 ? "" : args[0];
    List<Class<?>> all = new ArrayList<>();
    for (Class<?> command : own) {
      if (command.getAnnotation(Command.class).name().equals(first)) {
        return List.of(command);
      }
      all.add(command);
    }
    ServiceLoader.load(CommandProvider.class).forEach(provider -> all.addAll(provider.commands()));
    return all;
  }

  static int execute(List<Class<?>> commands, String[] args, PrintWriter out, PrintWriter err) {
    Failures failures = new Failures(err, Arrays.asList(args).contains(Failures.DEBUG));
    try {
      return commandLine(wanted(commands, args), failures).setOut(out).setErr(err).execute(args);
    } catch (Throwable throwable) { // An Error: picocli passes on exceptions only.
      return failures.failure(throwable);
    } finally {
      out.flush();
    }
  }

  private static CommandLine commandLine(List<Class<?>> commands, Failures failures) {
    CommandLine root = new CommandLine(new Tandem());
    for (Class<?> command : commands) {
      // Of a class picocli would make a command line without asking its model transformer.
      root.addSubcommand(new CommandLine(command));
    }
    describe(root);
    return root.setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setColorScheme(CommandLine.Help.defaultColorScheme(ansi()))
        .setParameterExceptionHandler((exception, args) -> failures.usage(exception))
        .setExecutionExceptionHandler((exception, command, result) -> failures.failure(exception));
  }

  private static void describe(CommandLine command) {
    UsageMessageSpec usage = command.getCommandSpec().usageMessage();
    usage
        .showDefaultValues(true)
        .sortOptions(false)
        .commandListHeading("%nCommands:%n")
        .optionListHeading("%nOptions:%n");
    if (usage.footer().length > 0) {
      usage.footerHeading("%nExamples:%n");
    }
    command.getSubcommands().values().forEach(Tandem::describe);
  }

  /**
   * Since Java 22 a console may be there without a terminal, which is what picocli takes for one.
   */
  private static Ansi ansi() {
    boolean terminal = System.console() != null && System.console().isTerminal();
    return terminal ? Ansi.AUTO : Ansi.OFF;
  }

  /** Called without a command. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given (" + Failures.help(spec.commandLine()) + " lists them)");
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Tandem.class.getPackage().getImplementationVersion();
      return new String[] {
        "tandem " + (version == null ? "(not packaged)" : version),
        "Java "
            + System.getProperty("java.version")
            + " ("
            + System.getProperty("java.vendor")
            + ")",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch")
      };
    }
  }
}
