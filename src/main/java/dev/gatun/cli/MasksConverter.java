package dev.gatun.cli;

import dev.gatun.MaskTraining;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The masks that a step of training takes, by their names in lower case. */
final class MasksConverter implements ITypeConverter<MaskTraining> {
    @Override
    public MaskTraining convert(String value) {
        for (MaskTraining masks : MaskTraining.values()) {
            if (name(masks).equals(value)) {
                return masks;
            }
        }
        throw new TypeConversionException("found '" + value + "', expected one of "
                + Arrays.stream(MaskTraining.values()).map(MasksConverter::name).collect(Collectors.joining(", ")));
    }

    private static String name(MaskTraining masks) {
        return masks.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
