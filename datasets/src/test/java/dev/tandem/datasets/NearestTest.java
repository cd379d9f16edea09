package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NearestTest {
  @Test
  void findsTheSmallestEditDistance() {
    List<String> ids = List.of("iris", "wine", "wine-quality-red", "digits");
    assertThat(Nearest.of("irs", ids)).isEqualTo("iris");
    assertThat(Nearest.of("WINE", ids)).isEqualTo("wine");
    assertThat(Nearest.of("digts", ids)).isEqualTo("digits");
    assertThat(Nearest.of("wine-quality", ids)).isEqualTo("wine-quality-red");
    assertThat(Nearest.of("kitten", List.of("sitting", "mitten"))).isEqualTo("mitten");
    assertThat(Nearest.of("", ids)).isEqualTo("iris");
    assertThatThrownBy(() -> Nearest.of("x", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no candidates for 'x'");
  }

  @Test
  void listsWhatThereIsButNotEndlessly() {
    assertThat(Nearest.unknown("column", "agee", List.of("name", "age")))
        .isEqualTo("unknown column 'agee' (did you mean 'age'? there are: name, age)");
    List<String> many = IntStream.range(0, 40).mapToObj(i -> "c" + i).toList();
    assertThat(Nearest.unknown("column", "c3x", many)).endsWith(", c29 and 10 more)");
  }
}
