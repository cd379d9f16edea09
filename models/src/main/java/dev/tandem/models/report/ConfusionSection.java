package dev.tandem.models.report;

import dev.tandem.models.metrics.ConfusionMatrix;
import java.util.Locale;

/**
 * A confusion matrix as a heat table: the share of its actual class gives a cell its strength, hits
 * and mistakes have colours of their own.
 *
 * @param title heading
 * @param matrix counts; may be without examples
 */
public record ConfusionSection(String title, ConfusionMatrix matrix) implements Section {
  /** From this share on the cell is dark enough for light text. */
  private static final double STRONG = 0.55;

  @Override
  public String html() {
    StringBuilder html =
        new StringBuilder("<p>Rows are actual, columns are predicted classes.</p>\n");
    html.append("<div class=\"scroll\"><table class=\"heat\">\n<thead><tr><td></td>");
    for (String name : matrix.classNames()) {
      html.append(header("col", name));
    }
    html.append("</tr></thead>\n<tbody>\n");
    for (int actual = 0; actual < matrix.size(); actual++) {
      html.append("<tr>").append(header("row", matrix.classNames().get(actual)));
      for (int predicted = 0; predicted < matrix.size(); predicted++) {
        appendCell(html, actual, predicted);
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody>\n</table></div>\n").toString();
  }

  /** A long name is cut by the style; the title shows all of it. */
  private static String header(String scope, String name) {
    String text = Html.escape(name);
    return "<th scope=\"" + scope + "\" title=\"" + text + "\"><span>" + text + "</span></th>";
  }

  private void appendCell(StringBuilder html, int actual, int predicted) {
    long count = matrix.count(actual, predicted);
    if (count == 0) {
      html.append("<td></td>");
      return;
    }
    double share = (double) count / matrix.actualCount(actual);
    String kind = (actual == predicted ? "hit" : "miss") + (share >= STRONG ? " strong" : "");
    String meaning =
        count
            + " of "
            + matrix.classNames().get(actual)
            + " predicted as "
            + matrix.classNames().get(predicted);
    html.append(
        String.format(
            Locale.ROOT,
            "<td class=\"%s\" style=\"--share:%.3f\" title=\"%s\">%d</td>",
            kind,
            share,
            Html.escape(meaning),
            count));
  }
}
