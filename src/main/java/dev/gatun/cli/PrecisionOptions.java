package dev.gatun.cli;

import dev.gatun.tensor.Precision;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How exact the weights of a model are that is not trained. */
final class PrecisionOptions {
    @Option(
            names = "--precision",
            paramLabel = "P",
            defaultValue = "f32",
            converter = Converter.class,
            description =
                    "Round the model's weights to bf16, or to int8 with a scale for each output, and compute with what"
                            + " they are then (${DEFAULT-VALUE}: not at all).")
    private Precision precision = Precision.F32;

    Precision precision() {
        return precision;
    }

    /** Precisions by their names. */
    static final class Converter implements ITypeConverter<Precision> {
        @Override
        public Precision convert(String text) {
            return Arrays.stream(Precision.values())
                    .filter(precision -> precision.text().equals(text.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("found '" + text + "', expected one of "
                            + Arrays.stream(Precision.values())
                                    .map(Precision::text)
                                    .collect(Collectors.joining(", "))));
        }
    }
}
