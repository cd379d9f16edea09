package dev.tandem.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErfTest {
  /** Cody's claim: good to a few units in the last place, here four. */
  private static final int ULPS = 4;

  /** Values from mpmath with 25 digits, in each of the approximation's three ranges. */
  @ParameterizedTest
  @CsvSource({
    "1e-300, 1.1283791670955126e-300, 1.0",
    "1e-10, 1.1283791670955126e-10, 0.999999999887162",
    "0.1, 0.1124629160182849, 0.887537083981715",
    "0.46875, 0.49261347321793797, 0.507386526782062",
    "0.47, 0.4937450508860821, 0.5062549491139179",
    "1.0, 0.8427007929497149, 0.15729920705028513",
    "2.5, 0.999593047982555, 0.0004069520174449589",
    "4.0, 0.9999999845827421, 1.541725790028002e-08",
    "4.1, 0.9999999932999724, 6.700027654084918e-09",
    "6.0, 1.0, 2.1519736712498913e-17",
    "10.0, 1.0, 2.088487583762545e-45",
    "26.0, 1.0, 5.663192408856143e-296"
  })
  void knownValues(double x, double erf, double erfc) {
    assertThat(Math.abs(Erf.erf(x) - erf)).isLessThanOrEqualTo(ULPS * Math.ulp(erf));
    assertThat(Math.abs(Erf.erfc(x) - erfc)).isLessThanOrEqualTo(ULPS * Math.ulp(erfc));
    assertThat(Erf.erf(-x)).isEqualTo(-Erf.erf(x));
    assertThat(Math.abs(Erf.erfc(-x) - (1 + erf))).isLessThanOrEqualTo(ULPS * Math.ulp(1 + erf));
  }

  @ParameterizedTest
  @CsvSource({
    "NaN, NaN, NaN",
    "Infinity, 1, 0",
    "-Infinity, -1, 2",
    "1e300, 1, 0",
    "-0.0, -0.0, 1"
  })
  void specialNumbers(double x, double erf, double erfc) {
    assertThat(Erf.erf(x)).isEqualTo(Double.valueOf(erf));
    assertThat(Erf.erfc(x)).isEqualTo(Double.valueOf(erfc));
  }
}
