package dev.gatun.cli;

import dev.gatun.Forecast;
import dev.gatun.Model;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Training of the heads that forecast what a model draws. */
final class ForecastOptions {
    @Option(
            names = "--forecast",
            paramLabel = "MODEL",
            description =
                    "Train the forecasting heads of this model for sample --method predictive --forecast, in place of"
                            + " a model; it stays as it is. For categorical and bernoulli outputs.")
    private @Nullable String model;

    @Option(
            names = "--horizon",
            paramLabel = "T",
            defaultValue = "8",
            description = "Positions ahead that heads forecast, of images within the row (${DEFAULT-VALUE}).")
    private int horizon;

    @Option(
            names = "--forecast-hidden",
            paramLabel = "H",
            defaultValue = "64",
            description = "Hidden features of the heads (${DEFAULT-VALUE}).")
    private int hidden;

    boolean given() {
        return model != null;
    }

    String model() {
        return model == null ? "" : model;
    }

    /** Heads that have learnt nothing. */
    Forecast create(Model of, long seed) {
        try {
            return Forecast.create(of, horizon, hidden, seed);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--forecast: " + e.getMessage());
        }
    }
}
