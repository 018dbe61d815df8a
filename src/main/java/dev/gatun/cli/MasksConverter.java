package dev.gatun.cli;

import dev.gatun.MaskTraining;
import java.util.Locale;

/** The masks that a step of training takes, by their names in lower case. */
final class MasksConverter extends NamedConverter<MaskTraining> {
    MasksConverter() {
        super(
                MaskTraining.values(),
                masks -> masks.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
}
