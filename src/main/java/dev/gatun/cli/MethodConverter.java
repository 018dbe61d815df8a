package dev.gatun.cli;

import dev.gatun.SampleOptions.Method;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Methods of sampling by their names. */
final class MethodConverter implements ITypeConverter<Method> {
    /** What the methods are, for help. */
    static final String METHODS =
            "cached: each value is computed once. full: a forward pass for each position, for comparison. predictive:"
                    + " passes over forecasts, of which what they confirm is kept, a window at a time; jacobi: over all"
                    + " positions, a batch together; gs-jacobi: row by row. auto: cached or predictive, by what the first steps and a sample take."
                    + " All draw the same bytes.";

    @Override
    public Method convert(String text) {
        return Arrays.stream(Method.values())
                .filter(method -> method.text().equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("found '" + text + "', expected one of "
                        + Arrays.stream(Method.values()).map(Method::text).collect(Collectors.joining(", "))));
    }
}
