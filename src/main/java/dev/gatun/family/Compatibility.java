package dev.gatun.family;

import java.util.Set;
import java.util.stream.Collectors;

/** Which data, inputs and distributions go together, and which of them a family takes. */
final class Compatibility {
    private Compatibility() {}

    static void check(ModelConfig config, Family family) {
        checkData(config, family);
        checkDistribution(config, family);
        checkInput(config, family);
        if (family.imageOnly()
                && (long) config.data().channels() * config.data().levels() > Integer.MAX_VALUE) {
            throw InvalidModelException.of(
                    "data.levels",
                    Integer.toString(config.data().levels()),
                    "at most " + Integer.MAX_VALUE + " outputs of a pixel");
        }
    }

    private static void checkData(ModelConfig config, Family family) {
        DataSpec data = config.data();
        if (family.imageOnly() && !(data instanceof DataSpec.Image)) {
            throw InvalidModelException.of("data.kind", Fields.show(data.kind()), "\"image\" for " + family.name());
        }
        if (family.fixedLength() && data.length().isEmpty()) {
            throw InvalidModelException.of(
                    "data.kind",
                    Fields.show(data.kind()),
                    "data of a fixed length (image or sequence) for " + family.name());
        }
    }

    private static void checkDistribution(ModelConfig config, Family family) {
        DistributionSpec.Type type = config.distribution().type();
        String found = Fields.show(type.jsonName());
        DataSpec data = config.data();
        boolean series = data instanceof DataSpec.Series;
        if (series != (type == DistributionSpec.Type.GAUSSIAN)) {
            throw InvalidModelException.of(
                    "distribution.type",
                    found + " for data of kind " + Fields.show(data.kind()),
                    series ? "\"gaussian\"" : "another (\"gaussian\" and \"series\" go together)");
        }
        if (type == DistributionSpec.Type.BERNOULLI && data.levels() != 2) {
            throw InvalidModelException.of(
                    "distribution.type", found + " for data of " + data.levels() + " levels", "it only with 2 levels");
        }
        if (!family.distributions().contains(type)) {
            Set<String> names = family.distributions().stream()
                    .map(DistributionSpec.Type::jsonName)
                    .collect(Collectors.toSet());
            throw InvalidModelException.of(
                    "distribution.type",
                    found,
                    Fields.oneOf(names.stream().sorted().toList()) + " for " + family.name());
        }
    }

    private static void checkInput(ModelConfig config, Family family) {
        String found = Fields.show(config.input().jsonName());
        if (config.data() instanceof DataSpec.Series && config.input() != InputEncoding.RAW) {
            throw InvalidModelException.of("input", found, "\"raw\" for series");
        }
        if (!family.inputs().contains(config.input())) {
            Set<String> names =
                    family.inputs().stream().map(InputEncoding::jsonName).collect(Collectors.toSet());
            throw InvalidModelException.of(
                    "input", found, Fields.oneOf(names.stream().sorted().toList()) + " for " + family.name());
        }
    }
}
