package dev.tandem.engine.cuda.jcuda;

import dev.tandem.engine.Conv2dSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;

/**
 * Chooses algorithms of convolutions: the first in cuDNN's own order, which is that of the time it
 * expects, among those that the seam allows.
 *
 * <p>They are asked for and not timed. Times differ from run to run, and with them the choice and
 * the bits of the results, which must be the same for the same sizes.
 *
 * <p>The seam allows those that multiply each pair of elements once and add the products, in an
 * order that is always the same. Left out are
 *
 * <ul>
 *   <li>those that add by atomics (ALGO_0 of both gradients, ALGO_3 of the filter's): other bits in
 *       every run;
 *   <li>Winograd's and Fourier transforms: one NaN spoils outputs that do not read it, and the
 *       error is not bounded by the sum of the magnitudes of the products.
 * </ul>
 */
final class CudnnAlgorithms {
  private static final List<Integer> FORWARD =
      List.of(
          cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM,
          cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM,
          cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_GEMM);
  private static final List<Integer> BACKWARD_DATA =
      List.of(cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_1);
  private static final List<Integer> BACKWARD_FILTER =
      List.of(cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1);

  /** What cuDNN answers for one direction at most. */
  private static final int MOST_ANSWERS = 32;

  /** One of cuDNN's answers. */
  private record Answer(int number, int status, int determinism) {
    boolean isUsable() {
      return status == Status.SUCCESS && determinism == cudnnDeterminism.CUDNN_DETERMINISTIC;
    }
  }

  /** Asks for the scratch memory of an algorithm, written to the array; returns the status. */
  private interface WorkspaceQuery {
    int ask(int number, long[] bytes);
  }

  private final Cudnn cudnn;
  private final Conv2dSpec spec;
  private final cudnnTensorDescriptor x;
  private final cudnnFilterDescriptor w;
  private final cudnnTensorDescriptor y;
  private final cudnnConvolutionDescriptor convolution;

  CudnnAlgorithms(
      Cudnn cudnn,
      Conv2dSpec spec,
      cudnnTensorDescriptor x,
      cudnnFilterDescriptor w,
      cudnnTensorDescriptor y,
      cudnnConvolutionDescriptor convolution) {
    this.cudnn = cudnn;
    this.spec = spec;
    this.x = x;
    this.w = w;
    this.y = y;
    this.convolution = convolution;
  }

  CudnnAlgorithm forward() {
    int[] count = new int[1];
    cudnnConvolutionFwdAlgoPerf[] answers =
        Stream.generate(cudnnConvolutionFwdAlgoPerf::new)
            .limit(MOST_ANSWERS)
            .toArray(cudnnConvolutionFwdAlgoPerf[]::new);
    Status.cudnn(
        JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
            cudnn.handle(), x, w, convolution, y, MOST_ANSWERS, count, answers),
        "cudnnGetConvolutionForwardAlgorithm_v7",
        spec);
    return choose(
        "forward",
        FORWARD,
        Arrays.stream(answers, 0, count[0])
            .map(answer -> new Answer(answer.algo, answer.status, answer.determinism)),
        cudnnConvolutionFwdAlgo::stringFor,
        (number, bytes) ->
            JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
                cudnn.handle(), x, w, convolution, y, number, bytes));
  }

  CudnnAlgorithm backwardData() {
    int[] count = new int[1];
    cudnnConvolutionBwdDataAlgoPerf[] answers =
        Stream.generate(cudnnConvolutionBwdDataAlgoPerf::new)
            .limit(MOST_ANSWERS)
            .toArray(cudnnConvolutionBwdDataAlgoPerf[]::new);
    Status.cudnn(
        JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
            cudnn.handle(), w, y, convolution, x, MOST_ANSWERS, count, answers),
        "cudnnGetConvolutionBackwardDataAlgorithm_v7",
        spec);
    return choose(
        "backwardData",
        BACKWARD_DATA,
        Arrays.stream(answers, 0, count[0])
            .map(answer -> new Answer(answer.algo, answer.status, answer.determinism)),
        cudnnConvolutionBwdDataAlgo::stringFor,
        (number, bytes) ->
            JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
                cudnn.handle(), w, y, convolution, x, number, bytes));
  }

  CudnnAlgorithm backwardFilter() {
    int[] count = new int[1];
    cudnnConvolutionBwdFilterAlgoPerf[] answers =
        Stream.generate(cudnnConvolutionBwdFilterAlgoPerf::new)
            .limit(MOST_ANSWERS)
            .toArray(cudnnConvolutionBwdFilterAlgoPerf[]::new);
    Status.cudnn(
        JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
            cudnn.handle(), x, y, convolution, w, MOST_ANSWERS, count, answers),
        "cudnnGetConvolutionBackwardFilterAlgorithm_v7",
        spec);
    return choose(
        "backwardFilter",
        BACKWARD_FILTER,
        Arrays.stream(answers, 0, count[0])
            .map(answer -> new Answer(answer.algo, answer.status, answer.determinism)),
        cudnnConvolutionBwdFilterAlgo::stringFor,
        (number, bytes) ->
            JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(
                cudnn.handle(), x, y, convolution, w, number, bytes));
  }

  /**
   * Chooses among the allowed algorithms: first those that cuDNN answered, in its order, then the
   * others; the first whose scratch memory it can tell, which it cannot for what it does not
   * support.
   */
  private CudnnAlgorithm choose(
      String direction,
      List<Integer> allowed,
      Stream<Answer> answers,
      IntFunction<String> name,
      WorkspaceQuery workspace) {
    Set<Integer> candidates = new LinkedHashSet<>();
    answers
        .filter(Answer::isUsable)
        .map(Answer::number)
        .filter(allowed::contains)
        .forEach(candidates::add);
    candidates.addAll(allowed);
    List<String> refusals = new ArrayList<>();
    for (int number : candidates) {
      long[] bytes = new long[1];
      int status = workspace.ask(number, bytes);
      String label = name.apply(number).replaceFirst("^CUDNN_CONVOLUTION_", "");
      if (status == Status.SUCCESS && bytes[0] <= Integer.MAX_VALUE * (long) Float.BYTES) {
        return new CudnnAlgorithm(number, label, bytes[0]);
      }
      refusals.add(
          status == Status.SUCCESS
              ? "%s needs %d bytes of scratch memory".formatted(label, bytes[0])
              : "%s: %s".formatted(label, JCudnn.cudnnGetErrorString(status)));
    }
    throw new CudaException(
        "conv2d: cuDNN %d cannot compute %s of %s: %s (use other sizes, or a newer cuDNN)"
            .formatted(JCudnn.cudnnGetVersion(), direction, spec, String.join("; ", refusals)),
        Status.SUCCESS);
  }
}
