package dev.tandem.engine.cpu.vector;

/**
 * The loops over one row of which softmax and its losses are made, each behind an interface: {@link
 * #run} is given several of them in turn, so that C2 never inlines them into each other. Together
 * they pass the number of nodes at which it stops inlining in the middle of a method
 * (NodeCountInliningCutoff); from there on each vector that is handed to a method is an object.
 */
final class SoftmaxPasses {
  /** A loop over one row. */
  interface Pass {
    /**
     * Reads z, writes y.
     *
     * @param value what the pass before gave
     */
    float run(float value, float[] z, int at, float[] y, int to, int n);
  }

  // Fields of an object: C2 takes static constants for what they are, and inlines them after all.
  final Pass largest = (value, z, at, y, to, n) -> Sums.max(z, at, n);
  final Pass exponentials = VectorSoftmax::exponentials;
  final Pass sumOfExponentials =
      (value, z, at, y, to, n) -> VectorSoftmax.sumOfExponentials(value, z, at, n);
  final Pass scale =
      (value, z, at, y, to, n) -> {
        VectorElementwise.scaleRange(value, y, to, y, to, n);
        return value;
      };

  /** Runs one. */
  static float run(Pass pass, float value, float[] z, int at, float[] y, int to, int n) {
    return pass.run(value, z, at, y, to, n);
  }
}
