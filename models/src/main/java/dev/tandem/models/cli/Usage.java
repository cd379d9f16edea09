package dev.tandem.models.cli;

import dev.tandem.datasets.DataException;
import dev.tandem.models.ModelException;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Makes wrong usage of an option's value that the code which takes it refuses. */
final class Usage {
  private Usage() {}

  /**
   * Returns what is made of nothing but values of options.
   *
   * @throws ParameterException with the message of what refused a value
   */
  static <T> T checked(CommandSpec command, Supplier<T> made) {
    try {
      return made.get();
    } catch (ModelException | DataException refused) {
      throw new ParameterException(command.commandLine(), refused.getMessage(), refused);
    }
  }
}
