package dev.tandem.engine;

/** What all operation families share: the backend whose tensors they may touch. */
public abstract class OperationFamily {
  private final Backend backend;

  /** Makes a family of a backend. */
  protected OperationFamily(Backend backend) {
    this.backend = backend;
  }

  final Backend backend() {
    return backend;
  }
}
