package dev.tandem.engine.cpu.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.BackendUnavailableException;
import dev.tandem.engine.Backends;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MathMode;
import org.junit.jupiter.api.Test;

class ScalarBackendProviderTest {
  @Test
  void isFoundByName() {
    try (Backend backend = Backends.open("scalar", BackendOptions.defaults())) {
      assertThat(backend.info().id()).isEqualTo("scalar");
      assertThat(backend.info().device()).isEqualTo("one thread, plain Java loops");
      assertThat(backend.info().threads()).isEqualTo(1);
      assertThat(backend.info().floatTypes()).containsExactly(DataType.FLOAT32, DataType.FLOAT64);
    }
  }

  @Test
  void hasNoOtherArithmetic() {
    BackendOptions options = new BackendOptions(1, MathMode.TF32);
    assertThatThrownBy(() -> Backends.open("scalar", options))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage("backend 'scalar' has no math mode TF32 (use FP32, or backend 'cuda')");
  }
}
