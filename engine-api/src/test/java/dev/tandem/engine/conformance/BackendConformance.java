package dev.tandem.engine.conformance;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.tandem.engine.BackendProvider;
import dev.tandem.engine.Probe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/**
 * Everything that a backend must do, one nested class for each family. A backend's test extends
 * this and gives its provider:
 *
 * <pre>{@code
 * class ScalarConformanceTest extends BackendConformance {
 *   ScalarConformanceTest() {
 *     super(new ScalarBackendProvider());
 *   }
 * }
 * }</pre>
 *
 * <p>Where the provider's probe finds no device the tests are skipped with its reason; with {@code
 * -Dtandem.require=ID} that is a failure instead.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class BackendConformance {
  private final BackendProvider provider;
  private Subject subject;

  /** Makes the tests of a provider's backend. */
  protected BackendConformance(BackendProvider provider) {
    this.provider = provider;
  }

  @BeforeAll
  final void open() {
    if (provider.probe() instanceof Probe.Unavailable missing) {
      String reason = "backend '%s': %s".formatted(provider.id(), missing.reason());
      if (provider.id().equals(System.getProperty("tandem.require"))) {
        fail(reason);
      }
      abort(reason);
    }
    subject = new Subject(provider);
  }

  @AfterAll
  final void close() {
    if (subject != null) {
      subject.close();
    }
  }

  @Nested
  class Transfers extends TransfersConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Gemm extends GemmConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Elementwise extends ElementwiseConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Reductions extends ReductionsConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Activations extends ActivationsConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Softmax extends SoftmaxConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Losses extends LossesConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Conv2d extends Conv2dConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Pool2d extends Pool2dConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Norms extends NormsConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Dropout extends DropoutConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Embedding extends EmbeddingConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Recurrent extends RecurrentConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }

  @Nested
  class Optimizers extends OptimizersConformance {
    @Override
    Subject subject() {
      return subject;
    }
  }
}
