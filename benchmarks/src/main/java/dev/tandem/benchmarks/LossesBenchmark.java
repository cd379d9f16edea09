package dev.tandem.benchmarks;

import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Tensor;
import org.openjdk.jmh.annotations.Param;

/** Softmax cross-entropy with its gradient. */
public class LossesBenchmark extends OperationBenchmark {
  /** The number of classes. */
  @Param({"10", "1000"})
  public int classes;

  @Override
  Call prepare(Bench onBackend) {
    Tensor logits = onBackend.random(128, classes);
    Tensor labels = onBackend.indices(classes, 128);
    Tensor loss = onBackend.zeros(DataType.FLOAT32, 2);
    Tensor dlogits = onBackend.random(128, classes);
    return new Call(
        () ->
            onBackend
                .backend()
                .losses()
                .softmaxCrossEntropy(CrossEntropySpec.PLAIN, logits, labels, null, loss, dlogits),
        dlogits);
  }
}
