package dev.tandem.models.flow;

import dev.tandem.models.ModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Moments as a table: {@code moment,layer,time_step,norm} and a column for each gate. Layers and
 * time steps are counted from 1. NaN stands where there was nothing to measure.
 */
public final class FlowFile {
  /** What the file is called in the directory of a run. */
  public static final String NAME = "gradient-flow.csv";

  private static final List<String> COLUMNS = List.of("moment", "layer", "time_step", "norm");
  private static final String SATURATED = "_saturated";

  private FlowFile() {}

  /** Returns the text of the file. */
  public static String write(List<FlowMoment> moments) {
    StringBuilder text = new StringBuilder();
    for (FlowMoment moment : moments) {
      if (text.isEmpty()) {
        text.append(String.join(",", COLUMNS));
        moment.gates().forEach(gate -> text.append(',').append(gate).append(SATURATED));
        text.append('\n');
      }
      for (int t = 0; t < moment.norms().length; t++) {
        text.append(moment.name()).append(',').append(moment.layer() + 1).append(',');
        text.append(t + 1).append(',').append(moment.norms()[t]);
        for (double[] gate : moment.saturation()) {
          text.append(',').append(gate[t]);
        }
        text.append('\n');
      }
    }
    return text.toString();
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param file what errors call it
   * @throws ModelException if it is something else
   */
  public static List<FlowMoment> read(String file, List<String> lines) {
    if (lines.isEmpty() || !lines.get(0).startsWith(String.join(",", COLUMNS))) {
      throw damaged(file, 1);
    }
    String[] header = lines.get(0).split(",");
    List<String> gates = new ArrayList<>();
    for (int column = COLUMNS.size(); column < header.length; column++) {
      gates.add(header[column].replace(SATURATED, ""));
    }
    Map<String, List<double[]>> rows = new LinkedHashMap<>();
    for (int i = 1; i < lines.size(); i++) {
      String[] cells = lines.get(i).split(",");
      if (cells.length != header.length) {
        throw damaged(file, i + 1);
      }
      double[] numbers = new double[cells.length];
      for (int column = 1; column < cells.length; column++) {
        try {
          numbers[column] = Double.parseDouble(cells[column]);
        } catch (NumberFormatException e) {
          throw damaged(file, i + 1);
        }
      }
      rows.computeIfAbsent(cells[0] + "," + cells[1], key -> new ArrayList<>()).add(numbers);
    }
    List<FlowMoment> moments = new ArrayList<>();
    rows.forEach((key, list) -> moments.add(moment(key.split(",")[0], gates, list)));
    return moments;
  }

  private static FlowMoment moment(String name, List<String> gates, List<double[]> rows) {
    double[] norms = new double[rows.size()];
    double[][] saturation = new double[gates.size()][rows.size()];
    for (int t = 0; t < norms.length; t++) {
      double[] row = rows.get(t);
      norms[t] = row[COLUMNS.size() - 1];
      for (int gate = 0; gate < saturation.length; gate++) {
        saturation[gate][t] = row[COLUMNS.size() + gate];
      }
    }
    return new FlowMoment(name, (int) rows.get(0)[1] - 1, gates, norms, saturation);
  }

  private static ModelException damaged(String file, int line) {
    return new ModelException(
        "%s, line %d: this is not what 'tandem train --gradient-flow' wrote (was it changed since the run?)"
            .formatted(file, line));
  }
}
