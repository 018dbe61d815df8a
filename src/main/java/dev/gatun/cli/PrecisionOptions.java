package dev.gatun.cli;

import dev.gatun.tensor.Precision;
import picocli.CommandLine.Option;

/** How exact the weights of a model are that is not trained. */
final class PrecisionOptions {
    @Option(
            names = "--precision",
            paramLabel = "P",
            defaultValue = "f32",
            converter = Converter.class,
            description =
                    "Round the model's weights to bf16, or to int8 with a scale for each output, and compute with what"
                            + " they are then; int8-dynamic: round what products of sequences read, too"
                            + " (${DEFAULT-VALUE}: not at all).")
    private Precision precision = Precision.F32;

    Precision precision() {
        return precision;
    }

    /** Precisions by their names. */
    static final class Converter extends NamedConverter<Precision> {
        Converter() {
            super(Precision.values(), Precision::text, NamedConverter::anyCase);
        }
    }
}
