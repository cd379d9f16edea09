package dev.tandem.engine.cuda.loading;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class VersionsTest {
  @Test
  void numbersWithinNamesCountAsNumbers() {
    assertThat(List.of("cuda-9", "cuda-12", "cuda-12.9", "cuda-12.10", "cuda-13.0"))
        .isSortedAccordingTo(Versions::compare);
    assertThat(Versions.compare("cuda-12.6", "cuda-12.6")).isZero();
  }

  @Test
  void versionsAreReadAsNvidiaWritesThem() {
    assertThat(Versions.cuda(12060)).isEqualTo("12.6");
    assertThat(Versions.cuda(13010)).isEqualTo("13.1");
    assertThat(Versions.cudnn(90501)).isEqualTo("9.5.1");
    assertThat(Versions.cudnn(91002)).isEqualTo("9.10.2");
    assertThat(Versions.cudnn(8907)).isEqualTo("8.9.7");
    assertThat(Versions.file("libcublas.so.12.6.4.1")).isEqualTo("12.6.4.1");
    assertThat(Versions.file("libcublas.so")).isEmpty();
  }
}
