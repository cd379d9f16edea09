/** What a trained network has learned, as pictures. */
package dev.tandem.models.inspection;
