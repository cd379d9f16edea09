package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;

import dev.tandem.engine.Norms;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Kernel;
import dev.tandem.engine.cuda.jcuda.KernelModule;

/**
 * Batch and layer normalisation. A channel that is one piece is measured and normalised in one
 * launch. Otherwise there are three: the pieces leave their sums in the backend's scratch memory,
 * the sums are added up, and the pieces are normalised.
 */
final class CudaNorms extends Norms {
  /** A kernel that goes over channels, in both of its forms. */
  private record Both(Kernel channels, Kernel columns) {
    static Both of(KernelModule module, String name) {
      return new Both(module.kernel(name + "_channels"), module.kernel(name + "_columns"));
    }

    Kernel of(ChannelGrid grid) {
      return grid.isColumns() ? columns : channels;
    }
  }

  private final CudaBackend backend;
  private final ChannelGrid grid = new ChannelGrid();
  private final Both train;
  private final Both measure;
  private final Both normalize;
  private final Both infer;
  private final Both backward;
  private final Both measureGradients;
  private final Both dx;
  private final Kernel statistics;
  private final Kernel finishGradients;
  private final Kernel layerNorm;
  private final Kernel layerNormDx;
  private final Kernel layerNormAddGradients;
  private final Kernel layerNormMeasureGradients;

  CudaNorms(CudaBackend backend) {
    super(backend);
    this.backend = backend;
    KernelModule module = backend.kernels().module("norms");
    train = Both.of(module, "batch_norm_train");
    measure = Both.of(module, "batch_norm_measure");
    normalize = Both.of(module, "batch_norm_normalize");
    infer = Both.of(module, "batch_norm_infer");
    backward = Both.of(module, "batch_norm_backward");
    measureGradients = Both.of(module, "batch_norm_measure_gradients");
    dx = Both.of(module, "batch_norm_dx");
    statistics = module.kernel("batch_norm_statistics");
    finishGradients = module.kernel("finish_gradients");
    layerNorm = module.kernel("layer_norm");
    layerNormDx = module.kernel("layer_norm_dx");
    layerNormAddGradients = module.kernel("layer_norm_add_gradients");
    layerNormMeasureGradients = module.kernel("layer_norm_measure_gradients");
  }

  @Override
  protected void computeBatchNormTrain(
      double epsilon,
      double momentum,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y,
      Tensor mean,
      Tensor inverseDeviation) {
    grid.over(x, mostParts(x.shape().dimension(1)));
    if (grid.isEmpty()) {
      return;
    }
    if (grid.pieces() == 1) {
      Kernel kernel = grid.sizes(train.of(grid));
      kernel.number(epsilon).number(1 - momentum).number(momentum);
      kernel.address(address(x)).address(address(gamma)).address(address(beta));
      kernel.address(address(runningMean)).address(address(runningVariance)).address(address(y));
      grid.launch(kernel.address(address(mean)).address(address(inverseDeviation)));
      return;
    }
    grid.launch(grid.sizes(measure.of(grid)).address(address(x)).address(parts()));
    Kernel kernel = grid.sizes(statistics);
    kernel.integer(grid.examplePieces()).integer(grid.behindPieces());
    kernel.number(epsilon).number(1 - momentum).number(momentum).address(parts());
    kernel.address(address(runningMean)).address(address(runningVariance));
    grid.launchOverChannels(kernel.address(address(mean)).address(address(inverseDeviation)));
    kernel = grid.sizes(normalize.of(grid)).address(address(x));
    kernel.address(address(gamma)).address(address(beta));
    kernel.address(address(mean)).address(address(inverseDeviation));
    grid.launch(kernel.address(address(y)));
  }

  @Override
  protected void computeBatchNormInfer(
      double epsilon,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y) {
    if (x.elements() > 0) {
      grid.over(x, mostParts(x.shape().dimension(1)));
      Kernel kernel = grid.sizes(infer.of(grid)).number(epsilon).address(address(x));
      kernel.address(address(gamma)).address(address(beta));
      kernel.address(address(runningMean)).address(address(runningVariance));
      grid.launch(kernel.address(address(y)));
    }
  }

  @Override
  protected void computeBatchNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dy,
      Tensor dxOut,
      Tensor dgamma,
      Tensor dbeta) {
    grid.over(x, mostParts(x.shape().dimension(1)));
    if (grid.isEmpty()) {
      return;
    }
    if (grid.pieces() == 1) {
      Kernel kernel = grid.sizes(backward.of(grid)).address(address(x)).address(address(gamma));
      kernel.address(address(mean)).address(address(inverseDeviation));
      kernel.address(address(dy)).address(address(dxOut));
      grid.launch(kernel.address(address(dgamma)).address(address(dbeta)));
      return;
    }
    Kernel kernel = grid.sizes(measureGradients.of(grid)).address(address(x));
    kernel.address(address(mean)).address(address(inverseDeviation));
    grid.launch(kernel.address(address(dy)).address(parts()));
    finishGradients(dgamma, dbeta);
    kernel = grid.sizes(dx.of(grid)).address(address(x)).address(address(gamma));
    kernel.address(address(mean)).address(address(inverseDeviation)).address(sums());
    grid.launch(kernel.address(address(dy)).address(address(dxOut)));
  }

  @Override
  protected void computeLayerNorm(
      double epsilon,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor y,
      Tensor mean,
      Tensor inverseDeviation) {
    int rows = x.shape().rows();
    if (rows > 0) {
      int features = x.shape().columns();
      layerNorm.index(rows).integer(features).number(epsilon);
      layerNorm.address(address(x)).address(address(gamma)).address(address(beta));
      layerNorm.address(address(y)).address(address(mean)).address(address(inverseDeviation));
      RowBlocks.launch(layerNorm, rows, features);
    }
  }

  @Override
  protected void computeLayerNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dy,
      Tensor dxOut,
      Tensor dgamma,
      Tensor dbeta) {
    int rows = x.shape().rows();
    int features = x.shape().columns();
    // The gradients of the parameters first: dx may be dy.
    layerNormGradients(x, mean, inverseDeviation, dy, dgamma, dbeta);
    if (x.elements() > 0) {
      layerNormDx.index(rows).integer(features).address(address(x)).address(address(gamma));
      layerNormDx.address(address(mean)).address(address(inverseDeviation));
      layerNormDx.address(address(dy)).address(address(dxOut));
      RowBlocks.launch(layerNormDx, rows, features);
    }
  }

  private void layerNormGradients(
      Tensor x, Tensor mean, Tensor inverseDeviation, Tensor dy, Tensor dgamma, Tensor dbeta) {
    int features = x.shape().columns();
    grid.over(x.shape().rows(), features, 1, mostParts(features));
    if (grid.isEmpty()) {
      return;
    }
    boolean whole = grid.pieces() == 1;
    Kernel kernel = grid.sizes(whole ? layerNormAddGradients : layerNormMeasureGradients);
    kernel.address(address(x)).address(address(mean)).address(address(inverseDeviation));
    kernel.address(address(dy));
    if (whole) {
      grid.launch(kernel.address(address(dgamma)).address(address(dbeta)));
    } else {
      grid.launch(kernel.address(parts()));
      finishGradients(dgamma, dbeta);
    }
  }

  private void finishGradients(Tensor dgamma, Tensor dbeta) {
    finishGradients.index(grid.channels()).integer(grid.pieces()).address(parts()).address(sums());
    finishGradients.address(address(dgamma)).address(address(dbeta));
    grid.launchOverChannels(finishGradients);
  }

  /** Returns how many pairs of sums the scratch memory holds beside the whole ones. */
  private long mostParts(long channels) {
    return backend.scratch().bytes() / (2 * Float.BYTES) - channels;
  }

  /** Returns where the pieces leave their sums. */
  private long parts() {
    return backend.scratch().address();
  }

  /** Returns where the whole sums of the channels are kept, behind those of the pieces. */
  private long sums() {
    return parts() + 2L * grid.pieces() * grid.channels() * Float.BYTES;
  }
}
