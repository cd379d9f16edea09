package dev.tandem.models.report;

import java.util.ArrayList;
import java.util.List;

/**
 * One page of sections that needs no network: styles and drawings are inside it. It follows the
 * reader's light or dark setting and fits a phone.
 */
public final class HtmlReport {
  private final String title;
  private final String subtitle;
  private final List<Section> sections = new ArrayList<>();

  /**
   * Starts without sections.
   *
   * @param title of the page, plain text
   * @param subtitle one line under it, plain text
   */
  public HtmlReport(String title, String subtitle) {
    this.title = title;
    this.subtitle = subtitle;
  }

  /** Appends a section and returns this report. */
  public HtmlReport add(Section section) {
    sections.add(section);
    return this;
  }

  /** The whole page, to be stored as UTF-8; it is well-formed XML, too. */
  public String render() {
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
    page.append("<title>").append(Html.escape(title)).append("</title>\n");
    page.append("<style>\n").append(Stylesheet.CSS).append("</style>\n</head>\n<body>\n");
    page.append("<h1>").append(Html.escape(title)).append("</h1>\n");
    page.append("<p>").append(Html.escape(subtitle)).append("</p>\n");
    for (Section section : sections) {
      page.append("<section>\n<h2>").append(Html.escape(section.title())).append("</h2>\n");
      page.append(section.html()).append("</section>\n");
    }
    return page.append("</body>\n</html>\n").toString();
  }
}
