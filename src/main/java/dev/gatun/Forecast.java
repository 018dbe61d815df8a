package dev.gatun;

import dev.gatun.family.ForecastFile;
import dev.gatun.family.ForecastHead;
import dev.gatun.family.Initialization;
import dev.gatun.family.InvalidModelException;
import dev.gatun.tensor.Parameters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/**
 * Learned forecasts for predictive sampling (Wiggers and Hoogeboom 2020, section 3.2): what a model's values will be some positions
 * ahead, by heads on its last features. They change how many passes a sample takes, and never the sample. Immutable, and
 * shared between threads; its memory goes with it.
 */
public final class Forecast {
    private final ForecastHead head;
    private final Parameters parameters;
    private final byte[] model;

    Forecast(ForecastHead head, Parameters parameters, byte[] model) {
        this.head = head;
        this.parameters = parameters;
        this.model = model;
    }

    /**
     * Heads that have learnt nothing.
     *
     * @param horizon positions ahead, at least 1
     * @param hidden features of theirs, at least 1
     * @param seed of the initial weights
     * @throws IllegalArgumentException if the model's family or distribution has no forecasts: dense layers, NADE, mixtures and
     *     reals have none
     */
    public static Forecast create(Model model, int horizon, int hidden, long seed) {
        ForecastHead head = head(model, horizon, hidden);
        Parameters parameters = head.layout().allocate(Arena.ofAuto());
        Initialization.initialise(head.layout(), parameters, seed);
        return new Forecast(head, parameters, model.fingerprint());
    }

    private static ForecastHead head(Model model, int horizon, int hidden) {
        try {
            return ForecastHead.of(model.config(), model.graph(), horizon, hidden);
        } catch (InvalidModelException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * Loads the heads of a model.
     *
     * @throws dev.gatun.file.FormatException if the file has none, or another model's
     * @throws IOException if it cannot be read
     */
    public static Forecast load(Path file, Model model) throws IOException {
        byte[] own = model.fingerprint();
        ForecastFile.Loaded loaded = ForecastFile.load(file, model.config(), model.graph(), own, Arena.ofAuto());
        return new Forecast(loaded.head(), loaded.parameters(), own);
    }

    /**
     * Saves the heads, replacing the file whole or not at all.
     *
     * @throws IOException if it cannot be written; what was there is then intact
     */
    public void save(Path file) throws IOException {
        ForecastFile.save(file, head, parameters, model);
    }

    /** Positions ahead. */
    public int horizon() {
        return head.horizon();
    }

    /** Scalars in all of its parameters. */
    public long parameterCount() {
        return parameters.count();
    }

    ForecastHead head() {
        return head;
    }

    Parameters parameters() {
        return parameters;
    }

    /** Demands that these are a model's. */
    void check(Model of) {
        if (!java.util.Arrays.equals(model, of.fingerprint())) {
            throw new IllegalArgumentException("forecasts: found those of another model, expected this model's");
        }
    }

    /** The same heads with other parameters, copied. */
    Forecast with(Parameters values) {
        return new Forecast(head, values.copy(Arena.ofAuto()), model);
    }
}
