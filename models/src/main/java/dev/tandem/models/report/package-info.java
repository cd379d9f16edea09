/**
 * The page that a run leaves behind: one HTML file without references to anything outside it.
 *
 * <p>A page is a list of {@link dev.tandem.models.report.Section}s. A new kind of chart or table is
 * a new section; nothing else changes.
 */
package dev.tandem.models.report;
