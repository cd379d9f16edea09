package dev.tandem.benchmarks.peers;

import ai.djl.engine.Engine;
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

  /** Made by the service loader. */
  public LibtorchPeer() {}

  @Override
  public String name() {
    return "libtorch 2.7.1";
  }

  @Override
  public void open(int threads) {
    // Read when libtorch is loaded. Offline, DJL takes its libraries from the class path alone.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    Engine.getEngine(ENGINE);
  }

  @Override
  public Optional<Prepared> prepare(Case of, Prepared ours) {
    if (of instanceof StepCase step && ours instanceof TandemStep tandem) {
      return Optional.of(new LibtorchStep(step, tandem));
    }
    return Optional.empty();
  }
}
