package dev.gatun.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Choices by their names. */
abstract class NamedConverter<T> implements ITypeConverter<T> {
    private final T[] choices;
    private final Function<T, String> name;
    private final UnaryOperator<String> spelling;

    /** All choices, and what each is called. */
    NamedConverter(T[] choices, Function<T, String> name) {
        this(choices, name, text -> text);
    }

    /** The same, where a name may be spelt in other ways. */
    NamedConverter(T[] choices, Function<T, String> name, UnaryOperator<String> spelling) {
        this.choices = choices;
        this.name = name;
        this.spelling = spelling;
    }

    /** In capitals too. */
    static String anyCase(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    @Override
    public final T convert(String text) {
        String wanted = spelling.apply(text);
        return Arrays.stream(choices)
                .filter(choice -> name.apply(choice).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("found '" + text + "', expected one of "
                        + Arrays.stream(choices).map(name).collect(Collectors.joining(", "))));
    }
}
