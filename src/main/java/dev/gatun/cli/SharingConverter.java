package dev.gatun.cli;

import dev.gatun.Sharing;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What threads do for a sample alone, by its names. */
final class SharingConverter implements ITypeConverter<Sharing> {
    @Override
    public Sharing convert(String text) {
        return Arrays.stream(Sharing.values())
                .filter(sharing -> sharing.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("found '" + text + "', expected one of "
                        + Arrays.stream(Sharing.values()).map(Sharing::text).collect(Collectors.joining(", "))));
    }
}
