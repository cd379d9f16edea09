package dev.tandem.engine;

/** A captured sequence of operations. */
@FunctionalInterface
public interface Replayable {
  /** Runs the captured operations again, on the same tensors, with what these hold now. */
  void replay();
}
