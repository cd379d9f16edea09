/**
 * Pictures with boxes around the things in them: reading and generating them, and the grid form in
 * which a one-stage detector learns and answers.
 */
package dev.tandem.datasets.detection;
