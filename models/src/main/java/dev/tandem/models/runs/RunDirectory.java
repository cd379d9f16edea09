package dev.tandem.models.runs;

import dev.tandem.datasets.AtomicFile;
import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.Nearest;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.engine.Backend;
import dev.tandem.models.ModelException;
import dev.tandem.models.ModelFile;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.WeightsFile;
import dev.tandem.models.flow.FlowFile;
import dev.tandem.models.flow.FlowMoment;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The directory of a run: settings and results ({@code run.json}), the course ({@code steps.csv,
 * epochs.csv}), the model ({@code model.json, model.safetensors}), how data becomes inputs ({@code
 * preprocessing.json}), the checkpoint and the report. Every file but the two courses is written as
 * a whole or not at all.
 */
public final class RunDirectory {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final String SETTINGS = "settings";

  private final Path path;
  private final Path existing;

  /** With the nearest directory above it that was there before. */
  private RunDirectory(Path path, Path existing) {
    this.path = path;
    this.existing = existing;
  }

  /** Makes a directory that does not exist yet. */
  public static RunDirectory create(Path path) {
    requireNew(path);
    Path above = path.toAbsolutePath().normalize().getParent();
    while (!Files.exists(above)) {
      above = above.getParent();
    }
    if (!Files.isDirectory(above)) {
      throw new ModelException(
          "output directory %s cannot be made: %s is a file (choose another --out)"
              .formatted(path, above));
    }
    try {
      Files.createDirectories(path);
    } catch (IOException cause) {
      throw unwritable(path, cause);
    }
    return new RunDirectory(path, above);
  }

  /** Checks that there is nothing yet where a run is to go. */
  public static void requireNew(Path path) {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new ModelException(
          Files.isRegularFile(path.resolve("run.json"))
              ? "output directory %s exists (choose another --out, or go on with --resume %s)"
                  .formatted(path, path)
              : "output directory %s exists (choose another --out)".formatted(path));
    }
  }

  /** Opens the directory of a run that was begun before. */
  public static RunDirectory open(Path path) {
    if (!Files.isRegularFile(path.resolve("run.json"))) {
      throw new ModelException(
          "%s holds no run (give a directory that 'tandem train' wrote, with a run.json in it)"
              .formatted(path));
    }
    return new RunDirectory(path, path.toAbsolutePath().normalize().getParent());
  }

  /**
   * Removes the directory with all that is in it, and the empty ones above it that were made for
   * it: a run that came to nothing leaves nothing behind.
   */
  void delete() {
    try {
      List<Path> files;
      try (Stream<Path> found = Files.walk(path)) {
        files = found.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : files) {
        Files.delete(file);
      }
      Path above = path.toAbsolutePath().normalize().getParent();
      while (!above.equals(existing)) {
        Files.delete(above);
        above = above.getParent();
      }
    } catch (DirectoryNotEmptyException shared) {
      // Another run, such as an earlier fold, is in there.
    } catch (IOException cause) {
      throw unwritable(path, cause);
    }
  }

  /** Returns the directory. */
  public Path path() {
    return path;
  }

  /**
   * Returns the weights' file.
   *
   * @throws ModelException if the run has not come to its end
   */
  public Path weights() {
    if (!Files.exists(weightsFile())) {
      throw new ModelException(
          Files.exists(checkpoint())
              ? "run %s is not finished (go on with it: tandem train --resume %s)"
                  .formatted(path, path)
              : "run %s is not finished, and ended before its first checkpoint (train anew)"
                  .formatted(path));
    }
    return weightsFile();
  }

  private Path weightsFile() {
    return path.resolve("model.safetensors");
  }

  /** Returns the checkpoint's file. */
  public Path checkpoint() {
    return path.resolve("checkpoint").resolve("state.safetensors");
  }

  /** Writes what a run is before it starts: settings and provenance, model, preprocessing. */
  public void begin(
      RunSettings settings,
      Map<String, Object> provenance,
      Network network,
      Preprocessing preprocessing) {
    try {
      Files.createDirectories(path.resolve("checkpoint"));
    } catch (IOException cause) {
      throw unwritable(path, cause);
    }
    ObjectNode run = JSON.createObjectNode();
    run.set(SETTINGS, JSON.valueToTree(settings));
    run.set("provenance", JSON.valueToTree(provenance));
    write("run.json", run);
    ModelFile.write(path.resolve("model.json"), network);
    write("preprocessing.json", preprocessing);
  }

  /** Writes what a run came to: weights, and the results into {@code run.json}. */
  public void finish(Parameters parameters, Backend backend, Map<String, Object> results) {
    WeightsFile.save(weightsFile(), parameters);
    ObjectNode run = (ObjectNode) readTree("run.json");
    run.set("results", JSON.valueToTree(results));
    write("run.json", run);
  }

  /** Reads the settings. A key that is none would be a setting that its writer believes in. */
  public RunSettings settings() {
    JsonNode settings = readTree("run.json").path(SETTINGS);
    requireKnownKeys(settings, RunSettings.class);
    return convert("run.json", settings, RunSettings.class);
  }

  /** Before anything is missing, since a misspelt key is missing under its right name. */
  private void requireKnownKeys(JsonNode node, Class<?> type) {
    List<String> known =
        Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
    for (String key : node.propertyNames()) {
      if (!known.contains(key)) {
        throw new ModelException(
            "%s: %s".formatted(path.resolve("run.json"), Nearest.unknown("key", key, known)));
      }
    }
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getType().isRecord()) {
        requireKnownKeys(node.path(component.getName()), component.getType());
      }
    }
  }

  /** Checks that the data is the same, bit for bit, as when the run began. */
  public void requireSameData(Dataset dataset) {
    String then = readTree("run.json").path("provenance").path("data").path("sha256").asString("");
    if (!then.equals(dataset.provenance().sha256())) {
      throw new ModelException(
          "the data of run %s has changed: %s has SHA-256 %s, not %s (bring the old data back, or train anew)"
              .formatted(path, dataset.provenance().path(), dataset.provenance().sha256(), then));
    }
  }

  /** Returns how many epochs a finished run trained. */
  public int epochs() {
    return readTree("run.json").path("results").path("epochs").asInt(0);
  }

  /** Reads how data becomes inputs. */
  public Preprocessing preprocessing() {
    return convert("preprocessing.json", readTree("preprocessing.json"), Preprocessing.class);
  }

  /** Reads the model. */
  public Network network() {
    return ModelFile.read(path.resolve("model.json"), OptionalInt.empty());
  }

  /** Writes a text file. */
  public void write(String name, String text) {
    try {
      AtomicFile.replace(path.resolve(name), text);
    } catch (IOException cause) {
      throw unwritable(path.resolve(name), cause);
    }
  }

  /** Reads how gradients flowed through time; nothing unless the run recorded it. */
  public List<FlowMoment> gradientFlow() {
    List<String> lines = lines(FlowFile.NAME);
    return lines.isEmpty()
        ? List.of()
        : FlowFile.read(path.resolve(FlowFile.NAME).toString(), lines);
  }

  /** Reads the lines of a file, none if it does not exist. */
  List<String> lines(String name) {
    try {
      return Files.readAllLines(path.resolve(name));
    } catch (NoSuchFileException absent) {
      return List.of();
    } catch (IOException cause) {
      throw unreadable(name, cause);
    }
  }

  private void write(String name, Object value) {
    // Jackson indents with the platform's line ends.
    write(name, JSON.writeValueAsString(value).replace("\r\n", "\n") + "\n");
  }

  private JsonNode readTree(String name) {
    try {
      return JSON.readTree(Files.readString(path.resolve(name)));
    } catch (IOException | JacksonException cause) {
      throw unreadable(name, cause);
    }
  }

  private <T> T convert(String name, JsonNode node, Class<T> type) {
    if (!node.isObject()) {
      throw new ModelException(
          "%s cannot be read: it is not what 'tandem train' wrote (was it changed since the run?)"
              .formatted(path.resolve(name)));
    }
    try {
      return JSON.treeToValue(node, type);
    } catch (JacksonException cause) {
      throw unreadable(name, cause);
    }
  }

  private ModelException unreadable(String name, Exception cause) {
    return new ModelException(
        "%s cannot be read: %s (was it changed since the run?)"
            .formatted(path.resolve(name), firstLine(cause)));
  }

  static ModelException unwritable(Path file, IOException cause) {
    return new ModelException(
        "cannot write %s: %s (check the directory and its free space)"
            .formatted(file, firstLine(cause)));
  }

  private static String firstLine(Exception cause) {
    if (cause instanceof NoSuchFileException) {
      return "it does not exist";
    }
    if (cause instanceof AccessDeniedException) {
      return "access is denied";
    }
    String reason =
        cause instanceof FileSystemException file && file.getReason() != null
            ? file.getReason()
            : String.valueOf(cause.getMessage());
    return reason.lines().findFirst().orElse(cause.getClass().getSimpleName());
  }
}
