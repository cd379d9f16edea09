package dev.tandem.models.cli;

import java.util.List;

/**
 * Brings commands that live in another jar: found by {@link java.util.ServiceLoader} when the
 * command line starts. So {@code tandem bench} can be in a module that depends on this one.
 */
public interface CommandProvider {
  /**
   * Returns the commands, each a class like those of this package, with a constructor without
   * parameters.
   */
  List<Class<?>> commands();
}
