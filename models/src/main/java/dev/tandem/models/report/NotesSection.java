package dev.tandem.models.report;

import java.util.List;

/**
 * Remarks that the reader must not miss, as plain text.
 *
 * @param title heading
 * @param warnings shown first and marked
 * @param notes shown after them
 */
public record NotesSection(String title, List<String> warnings, List<String> notes)
    implements Section {
  @Override
  public String html() {
    StringBuilder html = new StringBuilder("<ul class=\"notes\">\n");
    warnings.forEach(
        text ->
            html.append("<li class=\"warning\"><strong>Warning:</strong> ")
                .append(Html.escape(text))
                .append("</li>\n"));
    notes.forEach(text -> html.append("<li>").append(Html.escape(text)).append("</li>\n"));
    return html.append("</ul>\n").toString();
  }
}
