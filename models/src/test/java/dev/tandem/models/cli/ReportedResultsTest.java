package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What training, evaluation and the report say of a result: the same, and all of it. */
class ReportedResultsTest {
  private static final String NAIVE = "naive (last value)";

  @TempDir private Path folder;
  private String out;

  /** Runs a command line in which {@code @} stands for the folder. */
  private void succeeds(String commandLine) {
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    List<String> arguments = new ArrayList<>();
    for (String word : commandLine.strip().split(" +")) {
      arguments.add(word.replace("@", folder + "/"));
    }
    int code =
        Tandem.execute(
            arguments.toArray(String[]::new), new PrintWriter(outText), new PrintWriter(errText));
    assertThat(code).as(errText.toString()).isZero();
    out = outText.toString();
  }

  private double number(String pattern) {
    Matcher found = Pattern.compile(pattern, Pattern.MULTILINE).matcher(out);
    assertThat(found.find()).as(pattern + " in " + out).isTrue();
    return Double.parseDouble(found.group(1));
  }

  /** Numbers that nothing foretells, with errors that grow with the horizon. */
  private void series() throws IOException {
    StringBuilder text = new StringBuilder("day,price\n");
    double value = 50;
    for (int i = 0; i < 160; i++) {
      value += 3 * Math.sin(7.3 * i * i);
      text.append(String.format(Locale.ROOT, "%d,%.3f\n", i, value));
    }
    Files.writeString(folder.resolve("walk.csv"), text);
  }

  @Test
  void aForecastHasOneRmseWhereverItIsShown() throws IOException {
    series();
    succeeds(
        "train --model gru --hidden 4 --epochs 1 --backend scalar --data @walk.csv --target price"
            + " --window 6 --horizon 5 --out @run");
    double trained = number("^test .*rmse ([\\d.]+)");
    // Four decimals in one place, five digits in the other.
    assertThat(number("^network +([\\d.]+)")).isCloseTo(trained, within(trained));
    assertThat(out).containsOnlyOnce("\n" + NAIVE);

    succeeds("evaluate --run @run --backend scalar");
    assertThat(number("^test .*rmse ([\\d.]+)")).isEqualTo(trained);
    assertThat(number("^network +([\\d.]+)")).isCloseTo(trained, within(trained));
    assertThat(out).containsOnlyOnce("\n" + NAIVE);

    succeeds("evaluate --run @run --backend scalar --data @walk.csv");
    double whole = number("^test .*rmse ([\\d.]+)");
    assertThat(number("^network +([\\d.]+)")).isCloseTo(whole, within(whole));
    assertThat(out).containsOnlyOnce("\n" + NAIVE);
  }

  private static Offset<Double> within(double value) {
    return Offset.offset(1e-4 * Math.max(1, value));
  }

  @Test
  void theReportHasATableOfForecastsAndWarnsOfOneThatIsNoBetterThanNone() throws IOException {
    series();
    succeeds(
        "train --model gru --hidden 4 --max-steps 1 --lr 1e-9 --backend scalar --data @walk.csv"
            + " --target price --window 6 --out @run");
    String report = Files.readString(folder.resolve("run/report.html"));
    assertThat(report)
        .contains("<th scope=\"row\">" + NAIVE + "</th><td class=\"number\">")
        .doesNotContain("Warning:</strong> network", "Warning:</strong> forecast of");
    boolean worse = out.contains("the network does not beat");
    assertThat(report.contains("Warning:</strong> the network does not beat")).isEqualTo(worse);
    assertThat(report.contains("<li>the network's rmse is")).isEqualTo(!worse);
  }

  @Test
  void summaryAndTrainingTellTheSameMemory() {
    succeeds("summary lstm --input 100,2 --outputs 1 --backend cpu");
    double need = number("memory to train on a batch of 64 on cpu: .*\\(([\\d.]+) MiB\\)");
    succeeds("train --model lstm --dataset adding --max-steps 1 --backend cpu --out @run");
    assertThat(need).isEqualTo(number("parameters, ([\\d.]+) MiB"));
    assertThat(need).isGreaterThan(10);
  }

  @Test
  void whatScoresAreWorthIsNoted() throws IOException {
    StringBuilder text = new StringBuilder("a,kind\n");
    for (int i = 0; i < 60; i++) {
      text.append(i % 7).append(',').append(i % 10 == 0 ? "rare" : "usual").append('\n');
    }
    Files.writeString(folder.resolve("kinds.csv"), text);
    succeeds(
        "train --model perceptron --epochs 20 --optimizer adam --lr 0.1 --backend scalar --data @kinds.csv --target kind"
            + " --out @run");
    String note = "never predicted, precision counts as 0: rare";
    assertThat(out).containsOnlyOnce("note      " + note);
    assertThat(Files.readString(folder.resolve("run/report.html"))).contains("test part: " + note);
    succeeds("evaluate --run @run --backend scalar");
    assertThat(out).containsOnlyOnce("note      " + note);

    text = new StringBuilder("a,price\n");
    for (int i = 0; i < 30; i++) {
      text.append(i).append(",").append(2 * i).append('\n');
    }
    Files.writeString(folder.resolve("prices.csv"), text);
    Files.writeString(folder.resolve("one.csv"), "a,price\n1,2\n2,2\n");
    succeeds(
        "train --model perceptron --epochs 1 --backend scalar --data @prices.csv --target price"
            + " --out @prices");
    succeeds("evaluate --run @prices --backend scalar --data @one.csv");
    assertThat(out).contains("note      target 0 never varies, its r2 counts as 0");
  }
}
