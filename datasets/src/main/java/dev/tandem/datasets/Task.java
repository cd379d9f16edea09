package dev.tandem.datasets;

/** What is to be predicted from an example. */
public enum Task {
  /** One class out of several; targets are int32 {@code [N]} class ids. */
  CLASSIFICATION,
  /** Numbers; targets are float32 {@code [N,K]}. */
  REGRESSION
}
