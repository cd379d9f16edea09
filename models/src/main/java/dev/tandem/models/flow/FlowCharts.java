package dev.tandem.models.flow;

import dev.tandem.models.report.LineChart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Charts of moments for the report of a run. */
public final class FlowCharts {
  private FlowCharts() {}

  /** For each layer the norms at all moments, and the saturation of the gates at the last. */
  public static List<LineChart> of(List<FlowMoment> moments) {
    int layers = 1 + moments.stream().mapToInt(FlowMoment::layer).max().orElse(-1);
    List<LineChart> charts = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      int number = layer;
      List<FlowMoment> ofLayer = moments.stream().filter(m -> m.layer() == number).toList();
      String where = layers == 1 ? "" : ", layer " + (layer + 1);
      LineChart norms = new LineChart("Norm of dL/dh_t" + where, "time step");
      for (FlowMoment moment : ofLayer) {
        norms.series(moment.name(), steps(moment), positive(moment.norms()));
      }
      FlowMoment last = ofLayer.get(ofLayer.size() - 1);
      LineChart gates = new LineChart("Saturated units, " + last.name() + where, "time step");
      for (int gate = 0; gate < last.gates().size(); gate++) {
        gates.series(last.gates().get(gate), steps(last), last.saturation()[gate]);
      }
      charts.add(norms);
      charts.add(gates);
    }
    return charts;
  }

  private static double[] steps(FlowMoment moment) {
    double[] steps = new double[moment.norms().length];
    Arrays.setAll(steps, t -> t + 1);
    return steps;
  }

  /** A gradient of exactly 0 has no place on a logarithmic axis. */
  static double[] positive(double[] norms) {
    return Arrays.stream(norms).map(norm -> norm > 0 ? norm : Double.NaN).toArray();
  }
}
