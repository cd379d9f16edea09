package dev.tandem.engine.conformance;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.BackendProvider;
import dev.tandem.engine.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The backend under test, and others of its kind. */
final class Subject implements AutoCloseable {
  private static final List<Integer> THREADS = List.of(1, 2, 3);

  private final Backend backend;
  private final Backend stranger;
  private final List<Backend> threaded = new ArrayList<>();

  Subject(BackendProvider provider) {
    BackendOptions options = BackendOptions.defaults();
    backend = provider.open(options);
    stranger = provider.open(options.withThreads(1));
    for (int threads : THREADS) {
      Backend other = provider.open(options.withThreads(threads));
      if (other.info().threads() == threads) {
        threaded.add(other);
      } else {
        other.close();
      }
    }
  }

  /** Returns the backend under test. */
  Backend backend() {
    return backend;
  }

  /** Returns another backend, whose tensors the first must refuse. */
  Backend stranger() {
    return stranger;
  }

  /** Returns backends with 1, 2 and 3 threads; fewer where the number cannot be chosen. */
  List<Backend> threaded() {
    return threaded;
  }

  /** Returns the floating-point types to test. */
  Stream<DataType> types() {
    return backend.info().floatTypes().stream().sorted();
  }

  @Override
  public void close() {
    threaded.forEach(Backend::close);
    stranger.close();
    backend.close();
  }
}
