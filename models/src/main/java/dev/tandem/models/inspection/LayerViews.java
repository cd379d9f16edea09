package dev.tandem.models.inspection;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Nearest;
import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.models.Executor;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.Program;
import dev.tandem.models.WeightsFile;
import dev.tandem.models.layers.BoundLayer;
import dev.tandem.models.layers.Conv2dLayer;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.Layer;
import dev.tandem.models.layers.RecurrentLayer;
import dev.tandem.models.layers.Residual;
import dev.tandem.models.pictures.Canvas;
import dev.tandem.models.pictures.LayerPictures;
import dev.tandem.models.pictures.MatrixPictures;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The filters of a network's convolutions, and what its layers make of one example. A layer that
 * took the activation behind it into its product is called {@code conv1 + act1}, and is found by
 * either name too.
 */
public final class LayerViews implements AutoCloseable {
  private static final int MOST_UNITS = 64;

  private final Network network;
  private final Backend backend;
  private final Parameters parameters;
  private final Executor executor;
  private final Program program;
  private final HostArray example;
  private final Map<String, Conv2dLayer> convolutions = new LinkedHashMap<>();
  private final Set<String> recurrent = new HashSet<>();
  private final Map<String, BoundLayer> outputs = new LinkedHashMap<>();

  /**
   * Loads weights and runs one example.
   *
   * @param weights a safetensors file
   * @param example inputs of one example
   */
  public LayerViews(Network network, Path weights, HostArray example, Backend backend) {
    this.network = network;
    this.backend = backend;
    this.example = example;
    parameters =
        new Parameters(
            network.parameters(Initializer.Scheme.DEFAULT), backend, DataType.FLOAT32, false, 0);
    WeightsFile.load(weights, parameters);
    int steps = network.recurs() ? example.shape()[1] : network.steps();
    Executor.Size size = new Executor.Size(1, steps, false, false, false);
    Executor.Attachment<Program> alone = (binding, bound) -> bound;
    executor =
        new Executor(network, parameters, backend, DataType.FLOAT32, false, List.of(size), alone);
    program = executor.program(size, alone);
    collect(network.layers());
    collectBound(program.layers());
    forward();
  }

  private void collect(List<Layer> layers) {
    for (Layer layer : layers) {
      if (layer instanceof Conv2dLayer convolution) {
        convolutions.put(layer.name(), convolution);
      }
      if (layer instanceof RecurrentLayer over && over.returnsSequence()) {
        recurrent.add(layer.name());
      }
      if (layer instanceof Residual block) {
        collect(block.layers());
      }
    }
  }

  private void collectBound(List<BoundLayer> layers) {
    for (BoundLayer layer : layers) {
      collectBound(layer.inner());
      outputs.put(layer.name(), layer);
    }
  }

  private void forward() {
    if (example.isFloat()) {
      backend.transfers().upload(example.floats(), 0, program.input());
    } else {
      backend.transfers().upload(example.ints(), 0, program.input());
    }
    program.forward();
  }

  /** Returns the names of the layers that can be looked at. */
  public List<String> names() {
    return List.copyOf(outputs.keySet());
  }

  /** Returns the names of the layers that give pictures, or states at each step. */
  private List<String> telling() {
    return outputs.entrySet().stream()
        .filter(
            entry ->
                recurrent.contains(entry.getKey()) || entry.getValue().output().shape().rank() == 4)
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Returns everything there is to see of a layer, by names for files.
   *
   * @throws ModelException if there is no such layer
   */
  public Map<String, Canvas> of(String name) {
    String found =
        outputs.keySet().stream()
            .filter(candidate -> isCalled(candidate, name))
            .findFirst()
            .orElseThrow(
                () ->
                    new ModelException(
                        Nearest.unknown(
                            "layer",
                            name,
                            outputs.keySet().stream()
                                .flatMap(bound -> parts(bound).stream())
                                .toList())));
    Map<String, Canvas> pictures = new LinkedHashMap<>();
    for (String part : parts(found)) {
      if (convolutions.containsKey(part)) {
        pictures.put("filters-" + fileName(part), filters(part));
      }
    }
    pictures.put("maps-" + fileName(found), output(found));
    return pictures;
  }

  /**
   * Returns the filters of all convolutions, and the outputs of all layers that give pictures or
   * states at each step.
   */
  public Map<String, Canvas> all() {
    Map<String, Canvas> pictures = new LinkedHashMap<>();
    convolutions.keySet().forEach(name -> pictures.put("filters-" + fileName(name), filters(name)));
    telling().forEach(name -> pictures.put("maps-" + fileName(name), output(name)));
    return pictures;
  }

  private static boolean isCalled(String bound, String name) {
    return bound.equals(name) || parts(bound).contains(name);
  }

  private static List<String> parts(String bound) {
    return Arrays.asList(bound.split(" \\+ "));
  }

  /** An architecture file may name layers as it likes. */
  private static String fileName(String bound) {
    return bound.replaceAll("[^A-Za-z0-9._-]+", "-");
  }

  private Canvas filters(String name) {
    Shape shape = parameters.table().get(name + ".weight").shape();
    return LayerPictures.filters(
        name,
        floats(parameters.download(name + ".weight")),
        shape.dimension(0),
        shape.dimension(1),
        shape.dimension(2),
        shape.dimension(3));
  }

  private Canvas output(String name) {
    Shape shape = outputs.get(name).output().shape();
    float[] values = new float[Math.toIntExact(shape.elements())];
    backend.transfers().download(outputs.get(name).output(), values, 0);
    if (shape.rank() == 4) {
      return LayerPictures.featureMaps(
          name, values, shape.dimension(1), shape.dimension(2), shape.dimension(3));
    }
    // [T,1,H] of a network that recurs, else [1,F].
    boolean inTime = shape.rank() == 3 && network.recurs();
    int columns = shape.columns();
    int rows = values.length / columns;
    int shown = Math.min(columns, MOST_UNITS);
    double[][] units = new double[shown][rows];
    for (int i = 0; i < rows * shown; i++) {
      units[i % shown][i / shown] = values[i / shown * columns + i % shown];
    }
    String title =
        "%s of '%s': %s%d units%s"
            .formatted(
                name,
                network.name(),
                shown == columns ? "" : "the first " + shown + " of ",
                columns,
                inTime ? " at each step" : "");
    return MatrixPictures.heatMap(title, units, numbers(0, shown), numbers(1, rows));
  }

  private static List<String> numbers(int first, int count) {
    return IntStream.range(first, first + count).mapToObj(Integer::toString).toList();
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  @Override
  public void close() {
    executor.close();
    parameters.close();
  }
}
