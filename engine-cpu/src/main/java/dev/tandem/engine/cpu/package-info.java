/**
 * What both CPU backends share: memory on the Java heap, copies, and discovery. The backends
 * themselves are in {@code scalar} and {@code vector}.
 */
package dev.tandem.engine.cpu;
