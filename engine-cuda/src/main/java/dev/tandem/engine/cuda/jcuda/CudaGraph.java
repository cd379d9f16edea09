package dev.tandem.engine.cuda.jcuda;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/** What a step gave to the compute stream, recorded once and launched by one call. */
public final class CudaGraph implements AutoCloseable {
  private final CudaContext context;
  private CUgraphExec executable = new CUgraphExec();

  /**
   * Records what a step gives to the compute stream; nothing of it runs.
   *
   * @throws CudaException if a call of the step cannot be recorded; the stream is as before
   */
  public CudaGraph(CudaContext context, Runnable step) {
    this.context = context;
    context.enter();
    Status.driver(
        JCudaDriver.cuStreamBeginCapture(
            context.compute(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
        "cuStreamBeginCapture");
    CUgraph graph = new CUgraph();
    try {
      record(step, graph);
      Status.driver(JCudaDriver.cuGraphInstantiate(executable, graph, 0), "cuGraphInstantiate");
    } finally {
      JCudaDriver.cuGraphDestroy(graph);
    }
  }

  /** Runs the step and ends the recording, without which the stream would refuse all work. */
  private void record(Runnable step, CUgraph graph) {
    int ended = Status.SUCCESS;
    try {
      step.run();
    } finally {
      ended = JCudaDriver.cuStreamEndCapture(context.compute(), graph);
    }
    Status.driver(ended, "cuStreamEndCapture");
  }

  /** Gives the recorded work to the compute stream again. */
  public void launch() {
    context.enter();
    Status.driver(JCudaDriver.cuGraphLaunch(executable, context.compute()), "cuGraphLaunch");
  }

  /** Waits for the last launch and forgets the graph. Closing twice does nothing. */
  @Override
  public void close() {
    if (executable != null) {
      context.synchronize();
      Status.driver(JCudaDriver.cuGraphExecDestroy(executable), "cuGraphExecDestroy");
      executable = null;
    }
  }
}
