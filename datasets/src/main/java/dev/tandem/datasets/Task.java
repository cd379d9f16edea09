package dev.tandem.datasets;

/** What is to be predicted from an example. */
public enum Task {
  /** One class out of several; targets are int32 {@code [N]} class ids. */
  CLASSIFICATION,
  /** Numbers; targets are float32 {@code [N,K]}. */
  REGRESSION,
  /** The next numbers of a series, in time order; targets are float32 {@code [N,K]}. */
  FORECAST,
  /** A class for each step of a sequence; targets are int32 {@code [N,T]}, -1 at padding. */
  TAGGING,
  /** The next token at each step; targets are int32 {@code [N,T]}. */
  LANGUAGE,
  /** Objects in a picture; targets are float32 {@code [N,B,5]}: class (-1 for none), box. */
  DETECTION
}
