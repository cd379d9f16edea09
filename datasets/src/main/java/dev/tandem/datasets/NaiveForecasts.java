package dev.tandem.datasets;

/**
 * What forecasts without a network say of the same windows, in the units of the data: a network is
 * worth something if it is better.
 *
 * @param actual what came, float32 {@code [N,horizon]}; null where the future is not known
 * @param last the naive forecast: the last value of the window, float32 {@code [N,horizon]}
 * @param seasonal the seasonal naive forecast: the value one season before, or the least number of
 *     seasons that lies before the end of the window, float32 {@code [N,horizon]}; null if there is
 *     no season, or the series does not reach back far enough for every window
 * @param season the length of the season in steps; 0 where {@code seasonal} is null
 * @param detected whether the season was found by the autocorrelation of the training part; it was
 *     given otherwise
 */
public record NaiveForecasts(
    HostArray actual, HostArray last, HostArray seasonal, int season, boolean detected) {}
