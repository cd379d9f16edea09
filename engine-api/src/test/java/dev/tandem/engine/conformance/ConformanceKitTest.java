package dev.tandem.engine.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.engine.Backend;
import dev.tandem.engine.OperationFamily;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The kit leaves nothing out, and what it lets pass is no more than rounding. */
class ConformanceKitTest {
  /**
   * Every family of {@link Backend} has its class in {@link BackendConformance}. A backend's test
   * inherits them and cannot leave one out.
   */
  @Test
  void everyFamilyHasItsConformance() throws ReflectiveOperationException {
    Set<String> families =
        Arrays.stream(Backend.class.getMethods())
            .map(Method::getReturnType)
            .filter(OperationFamily.class::isAssignableFrom)
            .map(Class::getSimpleName)
            .collect(Collectors.toSet());
    Set<String> nested =
        Arrays.stream(BackendConformance.class.getDeclaredClasses())
            .filter(type -> type.isAnnotationPresent(Nested.class))
            .map(Class::getSimpleName)
            .collect(Collectors.toSet());
    assertThat(nested).isEqualTo(families);
    for (Class<?> type : BackendConformance.class.getDeclaredClasses()) {
      String name = getClass().getPackageName() + "." + type.getSimpleName() + "Conformance";
      assertThat(type.getSuperclass()).isEqualTo(Class.forName(name));
    }
  }

  @Test
  void wholeNumbersLeaveNoRoom() {
    Tolerance t = Tolerance.FLOAT32;
    Bounded sum = t.sum(t.exact(1, 2, -3, 1 << 20));
    assertThat(t.limit(sum)).isZero();
    assertThat(t.limit(t.dot(1_000, i -> i % 7, i -> i % 5))).isZero();
    assertThat(t.limit(sum.times(3).plus(-7).squared().root())).isPositive();
    assertThat(t.limit(t.exact(6).over(3).times(5).minus(t.exact(4)))).isZero();
  }

  @Test
  void sumsLeaveRoomThatGrowsWithTheirLength() {
    Tolerance t = Tolerance.FLOAT32;
    Bounded few = t.dot(10, i -> 0.1f, i -> 0.1f);
    Bounded many = t.dot(1_000, i -> 0.1f, i -> 0.1f);
    assertThat(t.limit(many) / t.limit(few)).isBetween(9_999.0, 10_001.0);
    Bounded cancelling = t.dot(1_000, i -> i % 2 == 0 ? 0.1f : -0.1f, i -> 0.1f);
    assertThat(cancelling.value()).isZero();
    assertThat(t.limit(cancelling)).isEqualTo(t.limit(many));
  }

  @Test
  void leavesRoomForRoundingAndNoMore() {
    Tolerance t = Tolerance.FLOAT32;
    Bounded third = t.exact(1).over(3);
    assertThat(t.allows(third, 1f / 3)).isTrue();
    assertThat(t.allows(third, Math.nextDown(1f / 3))).isTrue();
    assertThat(t.allows(third, 1f / 3 + 4 * Math.ulp(1f / 3))).isFalse();
    assertThat(Tolerance.FLOAT64.allows(Tolerance.FLOAT64.exact(1).over(3), 1f / 3)).isFalse();
  }

  @Test
  void specialNumbersAreThemselves() {
    Tolerance t = Tolerance.FLOAT32;
    double infinity = Double.POSITIVE_INFINITY;
    assertThat(t.allows(t.exact(Double.NaN), Double.NaN)).isTrue();
    assertThat(t.allows(t.exact(Double.NaN), 0)).isFalse();
    assertThat(t.allows(t.exact(0), Double.NaN)).isFalse();
    assertThat(t.allows(t.exact(infinity), infinity)).isTrue();
    assertThat(t.allows(t.exact(infinity), -infinity)).isFalse();
    assertThat(t.allows(t.exact(infinity), Float.MAX_VALUE)).isFalse();
    assertThat(t.allows(t.exact(1e300), infinity)).isTrue();
    assertThat(Tolerance.FLOAT64.allows(Tolerance.FLOAT64.exact(1e300), infinity)).isFalse();
  }

  /** Abramowitz and Stegun 1964, table 7.1, and DLMF 7.12 for the tails. */
  @Test
  void knowsTheErrorFunction() {
    Tolerance t = Tolerance.FLOAT64;
    double[][] known = {
      {0, 0}, {0.5, 0.5204998778130465}, {1, 0.8427007929497149}, {2, 0.9953222650189527},
      {3, 0.9999779095030014}, {4, 0.9999999845827421}, {-1, -0.8427007929497149}, {30, 1}
    };
    for (double[] pair : known) {
      assertThat(t.allows(t.exact(pair[0]).erf(), pair[1])).as("erf(%s)", pair[0]).isTrue();
    }
  }

  @Test
  void refusesAnAnchorThatTheOracleDoesNotHold() {
    Bounded[] computed = Tolerance.FLOAT32.exact(1, 2);
    assertThatThrownBy(() -> Oracle.anchored(computed, 1, 2.5)).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> Oracle.anchored(computed, 1)).isInstanceOf(AssertionError.class);
  }
}
