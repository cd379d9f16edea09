package dev.tandem.models.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HtmlTest {
  @Test
  void escapesEverythingThatCouldLeaveItsPlace() {
    assertThat(Html.escape("<script>alert(\"a\" & 'b')</script>"))
        .isEqualTo("&lt;script&gt;alert(&quot;a&quot; &amp; &#39;b&#39;)&lt;/script&gt;");
    assertThat(Html.escape("größe 😀\n")).isEqualTo("größe 😀\n");
    assertThat(Html.escape("\u0000\u001b\ud800\uffff")).isEqualTo("\ufffd".repeat(4));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0.0000",
    "1, 1, 1.0000",
    "-0.25, -0.25, -0.2500",
    "0.123456, 0.1235, 0.1235",
    "0.001, 0.001, 0.0010",
    "0.000032, 3.2e-5, 3.200e-5",
    "12.5, 12.5, 12.500",
    "100, 100, 100.00",
    "20000, 20000, 20000.0",
    "1e9, 1e9, 1.000e9",
    "-2.5e120, -2.5e120, -2.500e120",
    "NaN, NaN, NaN",
    "-Infinity, -Infinity, -Infinity"
  })
  void writesNumbers(double value, String shortest, String aligned) {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(Html.number(value)).isEqualTo(shortest);
      assertThat(Html.aligned(value)).isEqualTo(aligned);
    } finally {
      Locale.setDefault(before);
    }
  }
}
