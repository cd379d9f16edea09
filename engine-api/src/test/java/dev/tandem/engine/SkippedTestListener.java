package dev.tandem.engine;

import java.util.function.Predicate;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Prints why a test was skipped, which Surefire's console does not tell. It works in every module
 * that has this test-jar.
 */
public final class SkippedTestListener implements TestExecutionListener {
  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    print(test, reason);
  }

  /** An assumption that does not hold aborts the test. */
  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      print(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
    }
  }

  private static void print(TestIdentifier test, String reason) {
    System.out.println("Skipped " + name(test) + ": " + reason);
  }

  private static String name(TestIdentifier test) {
    String className =
        test.getSource()
            .map(
                source ->
                    source instanceof MethodSource method
                        ? method.getClassName()
                        : source instanceof ClassSource type ? type.getClassName() : "")
            .filter(Predicate.not(String::isEmpty))
            .map(name -> name.substring(name.lastIndexOf('.') + 1) + " ")
            .orElse("");
    return className + test.getDisplayName();
  }
}
