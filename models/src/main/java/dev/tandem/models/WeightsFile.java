package dev.tandem.models;

import dev.tandem.datasets.Nearest;
import dev.tandem.models.layers.ParameterTable.Parameter;
import dev.tandem.models.weights.NamedTensor;
import dev.tandem.models.weights.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of a network in a file, with the names of PyTorch, so that its {@code state_dict}
 * loads as it is.
 */
public final class WeightsFile {
  /** A counter in PyTorch's batch normalisation, which nothing here needs. */
  private static final String PYTORCH_COUNTER = ".num_batches_tracked";

  private WeightsFile() {}

  /** Writes all parameters and buffers, replacing the file as a whole. */
  public static void save(Path file, Parameters parameters) {
    Safetensors.write(file, download(parameters), Map.of("format", "pt"));
  }

  /**
   * Reads all parameters and buffers. Nothing is changed unless the whole file fits.
   *
   * @throws ModelException if one is missing, is of another shape, or belongs to no layer
   */
  public static void load(Path file, Parameters parameters) {
    Safetensors.Contents contents = Safetensors.read(file);
    contents.integers().stream()
        .filter(integers -> !integers.name().endsWith(PYTORCH_COUNTER))
        .findFirst()
        .ifPresent(
            integers -> {
              throw new ModelException(
                  "%s: tensor '%s' holds integers (save weights as floating-point numbers)"
                      .formatted(file, integers.name()));
            });
    upload(file, contents.tensors(), parameters);
  }

  private static List<NamedTensor> download(Parameters parameters) {
    List<NamedTensor> tensors = new ArrayList<>();
    for (Parameter parameter : parameters.table().all()) {
      double[] values = parameters.download(parameter.name());
      float[] floats = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        floats[i] = (float) values[i];
      }
      tensors.add(new NamedTensor(parameter.name(), parameter.shape().toArray(), floats));
    }
    return tensors;
  }

  private static void upload(Path file, List<NamedTensor> tensors, Parameters parameters) {
    Map<String, NamedTensor> byName = new HashMap<>();
    List<String> wanted = parameters.table().all().stream().map(Parameter::name).toList();
    for (NamedTensor tensor : tensors) {
      if (parameters.table().get(tensor.name()) == null) {
        throw new ModelException(file + ": " + Nearest.unknown("tensor", tensor.name(), wanted));
      }
      byName.put(tensor.name(), tensor);
    }
    for (Parameter parameter : parameters.table().all()) {
      NamedTensor tensor = byName.get(parameter.name());
      if (tensor == null) {
        throw new ModelException(
            "%s: tensor '%s' of shape %s is missing (is this file of another model?)"
                .formatted(file, parameter.name(), parameter.shape()));
      }
      if (!Arrays.equals(tensor.shape(), parameter.shape().toArray())) {
        throw new ModelException(
            "%s: tensor '%s' has shape %s, but the model's is %s (is this file of another model?)"
                .formatted(
                    file,
                    parameter.name(),
                    Arrays.toString(tensor.shape()).replace(" ", ""),
                    parameter.shape()));
      }
    }
    for (NamedTensor tensor : tensors) {
      double[] values = new double[tensor.values().length];
      for (int i = 0; i < values.length; i++) {
        values[i] = tensor.values()[i];
      }
      parameters.upload(tensor.name(), values);
    }
  }
}
