package dev.tandem.models.training;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Tensor;
import dev.tandem.models.ModelException;
import dev.tandem.models.weights.NamedTensor;
import dev.tandem.models.weights.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * A training between two epochs, in one file: the flat tensors of weights, buffers and optimiser,
 * and the records of the epochs as JSON among the file's metadata. Seed and epoch give the rest.
 */
final class Checkpoint {
  private static final String EPOCHS = "epochs";
  private static final JsonMapper JSON = JsonMapper.shared();

  private Checkpoint() {}

  static void write(Path file, TrainingState state, Map<String, Tensor> tensors, Backend backend) {
    List<NamedTensor> values = new ArrayList<>();
    tensors.forEach(
        (name, tensor) -> {
          float[] host = new float[Math.toIntExact(tensor.elements())];
          backend.transfers().download(tensor, host, 0);
          values.add(new NamedTensor(name, tensor.shape().toArray(), host));
        });
    Safetensors.write(file, values, Map.of(EPOCHS, JSON.writeValueAsString(state.epochs())));
  }

  static List<EpochRecord> read(Path file, Map<String, Tensor> tensors, Backend backend) {
    Safetensors.Contents contents = Safetensors.read(file);
    Map<String, NamedTensor> byName = new HashMap<>();
    contents.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
    if (!byName.keySet().equals(tensors.keySet())
        || !tensors.entrySet().stream()
            .allMatch(
                entry ->
                    Arrays.equals(
                        byName.get(entry.getKey()).shape(), entry.getValue().shape().toArray()))) {
      throw new ModelException(
          "%s: the checkpoint is of another model or optimiser (resume with the settings of its run)"
              .formatted(file));
    }
    List<EpochRecord> epochs;
    try {
      epochs =
          JSON.readValue(
              contents.metadata().getOrDefault(EPOCHS, ""),
              new TypeReference<List<EpochRecord>>() {});
    } catch (JacksonException cause) {
      throw new ModelException(
          "%s: the checkpoint's record of epochs cannot be read (train again)".formatted(file));
    }
    tensors.forEach(
        (name, tensor) -> backend.transfers().upload(byName.get(name).values(), 0, tensor));
    return epochs;
  }
}
