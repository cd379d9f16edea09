package dev.tandem.benchmarks.peers;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.Prepared;
import dev.tandem.benchmarks.cases.StepCase;
import dev.tandem.benchmarks.cases.TandemStep;
import dev.tandem.benchmarks.tour.Peer;
import java.util.Optional;

/**
 * libtorch through DJL: training steps, with the first weights of our side. What DJL adds counts:
 * calls through JNI, and Adam as single operations for each parameter.
 */
public final class LibtorchPeer implements Peer {
  private static final String ENGINE = "PyTorch";

  private OneDnn oneDnn;

  /** Made by the service loader. */
  public LibtorchPeer() {}

  @Override
  public String name() {
    return "libtorch 2.7.1";
  }

  @Override
  public String settings() {
    return "MKL, and oneDNN where it is faster; freed memory is kept";
  }

  @Override
  public void open(int threads) {
    if (oneDnn == null) {
      // Read when libtorch is loaded. Offline, DJL takes its libraries from the class path alone.
      System.setProperty("ai.djl.offline", "true");
      System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
      NativeSettings.keepFreedMemory();
      Engine.getEngine(ENGINE);
      oneDnn = new OneDnn();
    }
    JniUtils.setNumThreads(threads);
  }

  @Override
  public Optional<Prepared> prepare(Case of, Prepared ours) {
    if (of instanceof StepCase step && ours instanceof TandemStep tandem) {
      return Optional.of(new LibtorchStep(step, tandem, oneDnn));
    }
    return Optional.empty();
  }
}
