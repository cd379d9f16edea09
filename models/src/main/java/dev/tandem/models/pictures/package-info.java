/**
 * Pictures that people look at: what a network has learned and what it makes of a picture, drawn on
 * a {@link dev.tandem.models.pictures.Canvas} and written as PNG, without a window system.
 */
package dev.tandem.models.pictures;
