package dev.tandem.models.report;

/** A part of the page with a heading of its own. */
public interface Section {
  /** The heading, as plain text. */
  String title();

  /** What stands under the heading: well-formed HTML in which every text is escaped. */
  String html();
}
