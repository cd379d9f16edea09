package dev.tandem.models.inspection;

import dev.tandem.models.flow.FlowMoment;
import dev.tandem.models.pictures.Canvas;
import dev.tandem.models.pictures.LinePictures;
import dev.tandem.models.pictures.MatrixPictures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** How gradients flowed back through time, as a chart and as heat maps. */
public final class FlowViews {
  private FlowViews() {}

  /**
   * Returns the pictures of all moments of a run.
   *
   * @param run what the titles call it
   * @param moments at least one
   */
  public static Map<String, Canvas> of(String run, List<FlowMoment> moments) {
    boolean stacked = moments.stream().anyMatch(moment -> moment.layer() > 0);
    List<LinePictures.Line> lines = new ArrayList<>();
    List<String> rows = new ArrayList<>();
    List<double[]> logarithms = new ArrayList<>();
    List<String> gateRows = new ArrayList<>();
    List<double[]> saturation = new ArrayList<>();
    int steps = 0;
    for (FlowMoment moment : moments) {
      String name = moment.name() + (stacked ? ", layer " + (moment.layer() + 1) : "");
      lines.add(new LinePictures.Line(name, moment.norms()));
      rows.add(name);
      logarithms.add(
          Arrays.stream(moment.norms())
              .map(norm -> norm > 0 ? Math.log10(norm) : Double.NaN)
              .toArray());
      for (int gate = 0; gate < moment.gates().size(); gate++) {
        gateRows.add(moment.gates().get(gate) + ", " + name);
        saturation.add(moment.saturation()[gate]);
      }
      steps = Math.max(steps, moment.norms().length);
    }
    List<String> columns = IntStream.rangeClosed(1, steps).mapToObj(Integer::toString).toList();
    Map<String, Canvas> pictures = new LinkedHashMap<>();
    pictures.put(
        "gradient-flow", LinePictures.logarithmic(run + ": norm of dL/dh_t", "time step t", lines));
    pictures.put(
        "gradient-flow-map",
        MatrixPictures.heatMap(
            run + ": logarithm (base 10) of the norm of dL/dh_t by time step",
            logarithms.toArray(double[][]::new),
            rows,
            columns));
    pictures.put(
        "gate-saturation",
        MatrixPictures.shares(
            run + ": share of saturated units of each gate by time step",
            saturation.toArray(double[][]::new),
            gateRows,
            columns));
    return pictures;
  }
}
