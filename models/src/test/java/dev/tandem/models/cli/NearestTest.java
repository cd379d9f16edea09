package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
  private static final List<String> COMMANDS = List.of("train", "evaluate", "predict");

  @Test
  void findsANameWithATypingError() {
    assertThat(Nearest.to("evalaute", COMMANDS)).contains("evaluate");
    assertThat(Nearest.to("TRAIM", COMMANDS)).contains("train");
    assertThat(Nearest.to("predictt", COMMANDS)).contains("predict");
  }

  @Test
  void offersNothingThatIsFarAway() {
    assertThat(Nearest.to("summary", COMMANDS)).isEmpty();
    assertThat(Nearest.to("", COMMANDS)).isEmpty();
    assertThat(Nearest.to("train", List.of())).isEmpty();
  }
}
