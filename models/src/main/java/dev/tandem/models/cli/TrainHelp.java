package dev.tandem.models.cli;

import dev.tandem.datasets.Catalog;
import dev.tandem.models.Presets;
import dev.tandem.models.Presets.Options;
import dev.tandem.models.Presets.Training;
import dev.tandem.models.runs.RunData;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import picocli.CommandLine.Help;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * What {@code tandem train --help} says of presets and data sets, made from their lists when
 * somebody asks, so that it holds for those that there are.
 */
final class TrainHelp implements IModelTransformer {
  private static final String PRESETS = "presets";
  private static final String DATA_SETS = "dataSets";
  private static final int NAME_WIDTH = 10;

  @Override
  public CommandSpec transform(CommandSpec command) {
    UsageMessageSpec usage = command.usageMessage();
    List<String> keys = new ArrayList<>(usage.sectionKeys());
    keys.addAll(
        keys.indexOf(UsageMessageSpec.SECTION_KEY_FOOTER_HEADING), List.of(PRESETS, DATA_SETS));
    usage.sectionKeys(keys);
    usage.sectionMap().put(PRESETS, help -> presets());
    usage.sectionMap().put(DATA_SETS, TrainHelp::dataSets);
    return command;
  }

  private static String presets() {
    StringBuilder text =
        new StringBuilder(
            String.format(
                "%nPresets, and how they are trained where no option says otherwise"
                    + " (all by adamw with --lr-schedule cosine):%n"));
    String row = "  %-" + NAME_WIDTH + "s %6s %10s %5s %12s %9s %6s %6s %7s%n";
    text.append(
        String.format(
            Locale.ROOT,
            row,
            "",
            "epochs",
            "batch-size",
            "lr",
            "weight-decay",
            "clip-norm",
            "hidden",
            "layers",
            "dropout"));
    for (Presets.Preset preset : Presets.all()) {
      Training training = preset.training();
      Options options = preset.defaults();
      text.append(
          String.format(
              Locale.ROOT,
              row,
              preset.name(),
              training.epochs(),
              training.batchSize(),
              number(training.optimizer().learningRate()),
              number(training.optimizer().weightDecay()),
              Double.isFinite(training.clipNorm()) ? number(training.clipNorm()) : "-",
              options.hidden().isPresent() ? options.hidden().getAsInt() : "-",
              options.layers().isPresent() ? options.layers().getAsInt() : "-",
              options.dropout().isPresent() ? number(options.dropout().getAsDouble()) : "-"));
    }
    return text.toString();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value).replaceFirst("\\.?0+$", "");
  }

  private static String dataSets(Help help) {
    String[] lines = {
      "",
      "Data sets that are here: %s.".formatted(ids(Catalog.Entry::bundled)),
      "Data sets whose files you bring, in the folder that the environment variable %s names (--dataset ID says where they are to be had): %s."
          .formatted(RunData.MIRROR, ids(entry -> !entry.bundled()))
    };
    UsageMessageSpec usage = help.commandSpec().usageMessage();
    return Help.join(
            help.ansi(),
            usage.width(),
            usage.adjustLineBreaksForWideCJKCharacters(),
            lines,
            new StringBuilder())
        .toString();
  }

  private static String ids(Predicate<Catalog.Entry> chosen) {
    return Catalog.entries().stream()
        .filter(chosen)
        .map(Catalog.Entry::id)
        .collect(Collectors.joining(", "));
  }
}
