package dev.tandem.benchmarks.peers;

import dev.tandem.benchmarks.cases.Prepared;
import dev.tandem.benchmarks.cases.StepCase;
import dev.tandem.benchmarks.cases.TandemStep;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.layers.ActivationLayer;
import dev.tandem.models.layers.Conv2dLayer;
import dev.tandem.models.layers.Flatten;
import dev.tandem.models.layers.Layer;
import dev.tandem.models.layers.ParameterTable;
import dev.tandem.models.layers.Pool2dLayer;
import dev.tandem.models.layers.RecurrentLayer;
import java.lang.reflect.Field;
import java.util.Iterator;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.layers.LayerHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNSubsamplingHelper;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The training step of a case in DL4J, with the batch and the first weights of our side: forward,
 * softmax cross-entropy, backward, Adam.
 */
final class Dl4jStep implements Prepared {
  /** Where each of their gates is among ours, which are i, f, g, o. */
  private static final int[] LSTM_GATES = {2, 1, 3, 0};

  private static final int[] ONE_GATE = {0};

  private final MultiLayerNetwork network;
  private final INDArray input;
  private final INDArray labels;

  /** Makes the same network with the same numbers. */
  Dl4jStep(StepCase of, TandemStep ours) {
    network = new MultiLayerNetwork(configuration(of.network()));
    network.init();
    useOneDnn();
    copy(ours.parameters());
    input = input(of, ours.input());
    labels = Nd4j.zeros(DataType.FLOAT, of.batch(), StepCase.CLASSES);
    for (int i = 0; i < of.batch(); i++) {
      labels.putScalar(i, ours.labels()[i], 1);
    }
  }

  /** Returns whether DL4J has all layers: it has no GRU. */
  static boolean has(Network network) {
    return network.layers().stream()
        .noneMatch(
            layer ->
                layer instanceof RecurrentLayer recurrent
                    && recurrent.recurrence().cell() == RecurrentCell.GRU);
  }

  private static MultiLayerConfiguration configuration(Network of) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder().updater(new Adam(TandemStep.LEARNING_RATE)).list();
    List<Layer> layers = of.layers();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      // They have it in the layer before, and reshape without being told.
      if (!(layer instanceof ActivationLayer) && !(layer instanceof Flatten)) {
        boolean last = i + 1 == layers.size();
        boolean activated = !last && layers.get(i + 1) instanceof ActivationLayer;
        list.layer(layer(layer, last, activated ? Activation.RELU : Activation.IDENTITY));
      }
    }
    int[] extents = of.input().toArray();
    return list.setInputType(
            switch (extents.length) {
              case 1 -> InputType.feedForward(extents[0]);
              case 2 -> InputType.recurrent(extents[1], extents[0]);
              default -> InputType.convolutional(extents[1], extents[2], extents[0]);
            })
        .build();
  }

  private static org.deeplearning4j.nn.conf.layers.Layer layer(
      Layer layer, boolean last, Activation activation) {
    if (layer instanceof RecurrentLayer recurrent) {
      return new LastTimeStep(layer(recurrent.recurrence()));
    }
    if (layer instanceof Pool2dLayer) {
      return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
          .kernelSize(2, 2)
          .stride(2, 2)
          .helperAllowFallback(false)
          .build();
    }
    if (layer instanceof Conv2dLayer convolution) {
      return new ConvolutionLayer.Builder(3, 3)
          .padding(1, 1)
          .helperAllowFallback(false)
          .nOut((int) convolution.settings().get("filters"))
          .activation(activation)
          .build();
    }
    int units = (int) layer.settings().get("units");
    return last
        ? new OutputLayer.Builder(LossFunction.MCXENT)
            .nOut(units)
            .activation(Activation.SOFTMAX)
            .build()
        : new DenseLayer.Builder().nOut(units).activation(activation).build();
  }

  /**
   * Their one bias is the sum of our two, which have equal gradients, so it moves as far as both.
   */
  private static org.deeplearning4j.nn.conf.layers.Layer layer(RecurrentLayer.Settings settings) {
    Adam both = new Adam(2 * TandemStep.LEARNING_RATE);
    int hidden = settings.hiddenSize();
    return switch (settings.cell()) {
      case LSTM ->
          new LSTM.Builder().nOut(hidden).activation(Activation.TANH).biasUpdater(both).build();
      case RNN_TANH ->
          new SimpleRnn.Builder()
              .nOut(hidden)
              .activation(Activation.TANH)
              .biasUpdater(both)
              .build();
      case GRU, RNN_RELU -> throw new IllegalArgumentException("no case has " + settings.cell());
    };
  }

  /**
   * Lets convolutions and pools use oneDNN, which they find no more: they ask for it in a class
   * that this version has renamed.
   */
  private void useOneDnn() {
    for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
      if (layer instanceof org.deeplearning4j.nn.layers.convolution.ConvolutionLayer) {
        setHelper(layer, new MKLDNNConvHelper(DataType.FLOAT));
      } else if (layer
          instanceof org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer) {
        setHelper(layer, new MKLDNNSubsamplingHelper(DataType.FLOAT));
      }
    }
  }

  private static void setHelper(org.deeplearning4j.nn.api.Layer of, LayerHelper helper) {
    try {
      Field field = of.getClass().getDeclaredField("helper");
      field.setAccessible(true);
      field.set(of, helper);
    } catch (ReflectiveOperationException otherVersion) {
      throw new IllegalStateException("DL4J keeps its helpers elsewhere", otherVersion);
    }
  }

  /** Both sides have their layers in the same order. */
  private void copy(Parameters ours) {
    Iterator<ParameterTable.Parameter> next = ours.table().all().iterator();
    for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
      if (layer.numParams() == 0) {
        continue;
      }
      INDArray weight = layer.getParam("W");
      INDArray bias = layer.getParam("b");
      INDArray recurrent = layer.getParam("RW");
      if (recurrent == null) {
        copy(array(ours, next.next(), ONE_GATE), weight);
        copy(array(ours, next.next(), ONE_GATE), bias);
      } else {
        int[] gates = bias.length() == recurrent.size(0) ? ONE_GATE : LSTM_GATES;
        copy(array(ours, next.next(), gates), weight);
        copy(array(ours, next.next(), gates), recurrent);
        copy(array(ours, next.next(), gates).addi(array(ours, next.next(), gates)), bias);
      }
    }
    if (next.hasNext()) {
      throw new IllegalStateException("'%s' is not there".formatted(next.next().name()));
    }
  }

  /** Returns a parameter whose first extent is in their order of gates. */
  private static INDArray array(Parameters of, ParameterTable.Parameter parameter, int[] gates) {
    double[] values = of.download(parameter.name());
    float[] ordered = new float[values.length];
    int block = values.length / gates.length;
    for (int i = 0; i < values.length; i++) {
      ordered[i] = (float) values[gates[i / block] * block + i % block];
    }
    return Nd4j.create(ordered, parameter.shape().toArray());
  }

  /** Their matrices are {@code [in,out]} and their biases rows; filters are as ours. */
  private static void copy(INDArray from, INDArray to) {
    to.assign(
        switch (from.rank()) {
          case 1 -> from.reshape(1, from.length());
          case 2 -> from.transpose();
          default -> from;
        });
  }

  /** Sequences are {@code [N,I,T]}, in an order that keeps each time step together as ours. */
  private static INDArray input(StepCase of, float[] values) {
    int[] shape = of.network().inputBatch(of.batch(), of.network().steps()).toArray();
    INDArray array = Nd4j.create(values, shape);
    return of.network().recurs() ? array.permute(1, 2, 0).dup('f') : array;
  }

  @Override
  public void run() {
    network.fit(input, labels);
  }

  @Override
  public float[] checked() {
    float[] losses = new float[TandemStep.CHECKED_STEPS];
    for (int i = 0; i < losses.length; i++) {
      run();
      losses[i] = (float) network.score();
    }
    return losses;
  }

  @Override
  public void close() {
    network.close();
    input.close();
    labels.close();
  }
}
