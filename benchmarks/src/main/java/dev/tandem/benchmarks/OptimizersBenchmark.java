package dev.tandem.benchmarks;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Hyperparameters;
import dev.tandem.engine.Tensor;

/**
 * A step of SGD with weight decay over the parameters of an MLP with 784, 512, 256 and 10 units.
 */
public class OptimizersBenchmark extends OperationBenchmark {

  @Override
  Call prepare(Bench onBackend) {
    int parameters = 535_818;
    Tensor hyper = onBackend.zeros(DataType.FLOAT32, Hyperparameters.LENGTH);
    onBackend.backend().transfers().fill(hyper, 1e-6);
    Tensor weights = onBackend.random(parameters);
    Tensor gradients = onBackend.random(parameters);
    return new Call(
        () -> onBackend.backend().optimizers().sgd(false, hyper, weights, gradients, null),
        weights);
  }
}
