package dev.tandem.benchmarks.cases;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Elementwise.Binary;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Reductions.Axis;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The cases of {@code tandem bench}. */
public final class Cases {
  private Cases() {}

  /** Returns some of each suite, as many as a minute allows. */
  public static List<Case> tour() {
    List<Case> cases = new ArrayList<>();
    cases.add(GemmCases.product("64x64x64"));
    cases.add(GemmCases.product("512x512x512"));
    cases.add(GemmCases.product("128x512x784xB"));
    cases.add(Conv2dCases.convolution("8x32x14x64x3x1x1x1", "forward"));
    cases.add(Conv2dCases.pooling("64x32x28x2x2x0", Pool2dSpec.Mode.MAX, false));
    cases.add(ElementCases.binary("128x512", Binary.ADD, Broadcast.SAME));
    cases.add(ElementCases.binary("4096x1024", Binary.ADD, Broadcast.SAME));
    cases.add(ElementCases.activation("128x512", Activation.TANH, false));
    cases.add(RowCases.softmax("128x1000"));
    cases.add(RowCases.layerNorm("128x512"));
    cases.add(RowCases.sum("4096x1024", Axis.ALL));
    cases.add(OptimizerCases.adam(535_818, false));
    for (RecurrentCell cell : cells()) {
      cases.add(cell(cell, 32, 128, CellCases.Pass.TRAINING));
    }
    cases.add(StepCase.mlp(128));
    cases.add(StepCase.cnn(8, 28));
    for (RecurrentCell cell : cells()) {
      cases.add(StepCase.recurrent(cell, 32, CellCases.TIME, 128));
    }
    cases.add(StepCase.recurrent(RecurrentCell.LSTM, 1, CellCases.TIME, 128));
    return cases;
  }

  /** Returns all cases of a suite. */
  public static List<Case> of(Suite suite) {
    return switch (suite) {
      case OPS -> operations();
      case CELLS -> layers();
      case STEPS -> List.copyOf(StepCase.all());
    };
  }

  /**
   * Returns groups of steps in which one size grows: the batch, the area of pictures, the length of
   * sequences.
   */
  public static List<List<StepCase>> scaling() {
    return List.of(
        IntStream.of(16, 32, 64, 128, 256).mapToObj(batch -> StepCase.cnn(batch, 28)).toList(),
        IntStream.of(28, 56, 84, 128).mapToObj(side -> StepCase.cnn(16, side)).toList(),
        IntStream.of(50, 100, 250, 500, 1000)
            .mapToObj(time -> StepCase.recurrent(RecurrentCell.LSTM, 32, time, 128))
            .toList());
  }

  /** Powers of two, the sizes of layers, and sizes that fit no vector. */
  private static List<Case> operations() {
    List<Case> cases = new ArrayList<>();
    for (String shape :
        List.of(
            "32x32x32",
            "64x64x64",
            "128x128x128",
            "256x256x256",
            "512x512x512",
            "1024x1024x1024",
            "97x61x131",
            "128x512x784xB",
            "128x784x512",
            "512x784x128xA",
            "128x10x256xB",
            "32x512x128xB",
            "1x512x784xB",
            "512x784x1xA")) {
      cases.add(GemmCases.product(shape));
    }
    for (String direction : List.of("forward", "backwardData", "backwardFilter", "backwardBias")) {
      cases.add(Conv2dCases.convolution("64x32x14x64x3x1x1x1", direction));
    }
    for (String shape :
        List.of(
            "64x1x28x32x3x1x1x1",
            "64x3x32x32x3x1x1x1",
            "64x64x16x64x3x1x1x64",
            "3x5x19x7x5x2x2x1")) {
      cases.add(Conv2dCases.convolution(shape, "forward"));
    }
    for (Pool2dSpec.Mode mode : Pool2dSpec.Mode.values()) {
      cases.add(Conv2dCases.pooling("64x32x28x2x2x0", mode, false));
      cases.add(Conv2dCases.pooling("64x32x28x2x2x0", mode, true));
    }
    for (String shape : List.of("128x512", "127x509", "4096x1024")) {
      cases.add(ElementCases.binary(shape, Binary.ADD, Broadcast.SAME));
      cases.add(ElementCases.binary(shape, Binary.MULTIPLY, Broadcast.ROW));
      for (Activation function : List.of(Activation.RELU, Activation.TANH, Activation.GELU)) {
        cases.add(ElementCases.activation(shape, function, false));
        cases.add(ElementCases.activation(shape, function, true));
      }
      cases.add(RowCases.softmax(shape));
      cases.add(RowCases.layerNorm(shape));
      for (Axis axis : Axis.values()) {
        cases.add(RowCases.sum(shape, axis));
      }
    }
    cases.add(RowCases.softmax("128x10"));
    cases.add(RowCases.crossEntropy("128x10"));
    cases.add(RowCases.crossEntropy("128x1000"));
    cases.add(RowCases.batchNorm("64x32x28"));
    cases.add(ElementCases.dropout("128x512"));
    cases.add(ElementCases.embedding("1600x10000x64"));
    cases.add(OptimizerCases.sgd(535_818));
    cases.add(OptimizerCases.adam(535_818, false));
    cases.add(OptimizerCases.adam(8_000_000, false));
    return cases;
  }

  private static List<Case> layers() {
    List<Case> cases = new ArrayList<>();
    for (int[] size : new int[][] {{32, 128}, {64, 256}, {1, 128}, {7, 61}}) {
      for (RecurrentCell cell : cells()) {
        cases.add(cell(cell, size[0], size[1], CellCases.Pass.FORWARD));
        cases.add(cell(cell, size[0], size[1], CellCases.Pass.TRAINING));
      }
    }
    return cases;
  }

  private static OperationCase cell(
      RecurrentCell cell, int batch, int hidden, CellCases.Pass pass) {
    return CellCases.layer(cell, batch, CellCases.TIME, CellCases.INPUTS, hidden, pass);
  }

  private static List<RecurrentCell> cells() {
    return List.of(RecurrentCell.LSTM, RecurrentCell.GRU, RecurrentCell.RNN_TANH);
  }
}
