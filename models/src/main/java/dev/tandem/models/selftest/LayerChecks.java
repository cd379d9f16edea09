package dev.tandem.models.selftest;

import dev.tandem.engine.Activation;
import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.Dropout;
import dev.tandem.engine.Embedding;
import dev.tandem.engine.Losses;
import dev.tandem.engine.Softmax;
import dev.tandem.engine.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Activations, softmax, losses, dropout and embedding, each forward and backward. */
final class LayerChecks {
  private static final List<Integer> SIZES = List.of(1, 7, 32, 257, 70_001);
  private static final int[][] MATRICES = {{1, 1}, {1, 7}, {33, 10}, {5, 1025}, {257, 3}};

  /** Seed and step with bits everywhere, the sign bits among them. */
  private static final int[] DROPOUT_STATE = {0x89ABCDEF, 0xFEDCBA98, 0x80000001, 0x70000007};

  private LayerChecks() {}

  static Map<String, List<Check>> families() {
    Map<String, List<Check>> families = new LinkedHashMap<>();
    families.put("activations", activations());
    families.put("softmax", softmax());
    families.put("losses", losses());
    families.put("dropout", dropout());
    families.put("embedding", embedding());
    return families;
  }

  private static List<Check> activations() {
    List<Check> checks = new ArrayList<>();
    for (Activation f : Activation.values()) {
      for (int size : SIZES) {
        checks.add(
            new Check(
                f + " " + size,
                4,
                bench -> {
                  Tensor x = bench.random(size);
                  Tensor y = bench.result(size);
                  bench.backend().activations().forward(f, x, y);
                  Tensor saved = f.derivativeFromOutput() ? y : x;
                  Tensor dy = bench.random(size);
                  bench.backend().activations().backward(f, saved, dy, bench.result(size));
                }));
      }
    }
    return checks;
  }

  private static List<Check> softmax() {
    List<Check> checks = new ArrayList<>();
    for (int[] size : MATRICES) {
      checks.add(
          new Check(
              "softmax, logSoftmax %dx%d".formatted(size[0], size[1]),
              size[1],
              bench -> {
                Softmax family = bench.backend().softmax();
                Tensor x = bench.random(size);
                Tensor dy = bench.random(size);
                Tensor y = bench.result(size);
                family.softmax(x, y);
                family.softmaxBackward(y, dy, bench.result(size));
                Tensor logarithm = bench.result(size);
                family.logSoftmax(x, logarithm);
                family.logSoftmaxBackward(logarithm, dy, bench.result(size));
              }));
    }
    return checks;
  }

  private static List<Check> losses() {
    List<Check> checks = new ArrayList<>();
    for (int[] size : MATRICES) {
      String shape = " %dx%d".formatted(size[0], size[1]);
      for (CrossEntropySpec spec :
          List.of(CrossEntropySpec.PLAIN, new CrossEntropySpec(0, 0.125))) {
        checks.add(
            new Check(
                spec + shape,
                size[0] * size[1],
                bench ->
                    bench
                        .backend()
                        .losses()
                        .softmaxCrossEntropy(
                            spec,
                            bench.random(size),
                            bench.integers(size[1], size[0]),
                            bench.positive(size[1]),
                            bench.result(2),
                            bench.result(size))));
      }
      for (Losses.Pointwise function : Losses.Pointwise.values()) {
        checks.add(
            new Check(
                function + shape,
                size[0] * size[1],
                bench ->
                    bench
                        .backend()
                        .losses()
                        .pointwise(
                            function,
                            0.5,
                            bench.random(size),
                            bench.random(size),
                            bench.positive(size),
                            bench.result(2),
                            bench.result(size))));
      }
    }
    return checks;
  }

  private static List<Check> dropout() {
    List<Check> checks = new ArrayList<>();
    for (int size : SIZES) {
      checks.add(
          new Check(
              "dropout " + size,
              1,
              bench -> {
                Dropout family = bench.backend().dropout();
                Tensor state = bench.integers(DROPOUT_STATE);
                family.forward(0.3, 5, state, bench.random(size), bench.result(size));
                family.backward(0.3, 5, state, bench.random(size), bench.result(size));
              }));
    }
    return checks;
  }

  private static List<Check> embedding() {
    List<Check> checks = new ArrayList<>();
    for (int[] table : new int[][] {{1, 1}, {11, 3}, {50, 64}, {300, 33}}) {
      int tokens = 200;
      checks.add(
          new Check(
              "embedding %dx%d".formatted(table[0], table[1]),
              tokens,
              bench -> {
                Embedding family = bench.backend().embedding();
                Tensor indices = bench.integers(table[0], tokens);
                family.gather(indices, bench.random(table), bench.result(tokens, table[1]));
                family.scatterAdd(
                    indices,
                    0,
                    bench.random(tokens, table[1]),
                    bench.compared(bench.random(table)));
              }));
    }
    return checks;
  }
}
