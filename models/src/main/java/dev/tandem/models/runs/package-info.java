/** Runs: the settings of a training, how it is built from them, and the directory that keeps it. */
package dev.tandem.models.runs;
