package dev.gatun.cli;

import dev.gatun.SampleOptions.Method;

/** Methods of sampling by their names. */
final class MethodConverter extends NamedConverter<Method> {
    /** What the methods are, for help. */
    static final String METHODS =
            "cached: each value is computed once. full: a forward pass for each position, for comparison. predictive:"
                    + " passes over forecasts, of which what they confirm is kept, a window at a time; jacobi: over all"
                    + " positions, a batch together; gs-jacobi: row by row. auto: cached or predictive, by what the first steps and a sample take."
                    + " All draw the same bytes.";

    MethodConverter() {
        super(Method.values(), Method::text, NamedConverter::anyCase);
    }
}
