package dev.gatun.cli;

import dev.gatun.train.Schedule;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the learning rate changes. A setting that the schedule does not have is an error. */
final class ScheduleOptions {
    /** The schedules by name. */
    enum Kind {
        CONSTANT,
        STEP,
        COSINE,
        EXPONENTIAL
    }

    @Option(
            names = "--schedule",
            paramLabel = "S",
            defaultValue = "constant",
            description = "How the learning rate changes: constant, step, cosine or exponential (${DEFAULT-VALUE}).")
    private Kind kind = Kind.CONSTANT;

    @Option(
            names = "--schedule-every",
            paramLabel = "N",
            description = "step: times gamma every so many epochs or steps.")
    private @Nullable Long every;

    @Option(names = "--schedule-gamma", paramLabel = "G", description = "step (0.1) and exponential: the factor.")
    private @Nullable Double gamma;

    @Option(names = "--schedule-total", paramLabel = "N", description = "cosine: length of the way down (all epochs).")
    private @Nullable Long total;

    @Option(names = "--schedule-floor", paramLabel = "R", description = "cosine: the last learning rate (0).")
    private @Nullable Double floor;

    @Option(
            names = "--schedule-unit",
            paramLabel = "U",
            description = "What time is counted in: epochs or steps (epochs).")
    private Schedule.@Nullable Unit unit;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "0",
            description = "Steps over which the learning rate grows to what the schedule says (${DEFAULT-VALUE}).")
    private long warmup;

    /**
     * The schedule, led in where that is asked for.
     *
     * @param epochs all of them
     */
    Schedule schedule(int epochs) {
        if (warmup < 0) {
            throw new UsageException("--warmup: found " + warmup + ", expected 0 or more steps");
        }
        Schedule then = own(epochs);
        return warmup == 0 ? then : new Schedule.Warmup(warmup, then);
    }

    /**
     * The schedule.
     *
     * @param epochs all of them
     */
    private Schedule own(int epochs) {
        Schedule.Unit time = unit == null ? Schedule.Unit.EPOCHS : unit;
        try {
            return switch (kind) {
                case CONSTANT -> {
                    refuseAllBut(List.of());
                    yield new Schedule.Constant();
                }
                case STEP -> {
                    refuseAllBut(List.of("--schedule-every", "--schedule-gamma", "--schedule-unit"));
                    yield new Schedule.Step(needed("--schedule-every", every), gamma == null ? 0.1 : gamma, time);
                }
                case COSINE -> {
                    refuseAllBut(List.of("--schedule-total", "--schedule-floor", "--schedule-unit"));
                    long length =
                            total == null && time == Schedule.Unit.EPOCHS ? epochs : needed("--schedule-total", total);
                    yield new Schedule.Cosine(length, floor == null ? 0 : floor, time);
                }
                case EXPONENTIAL -> {
                    refuseAllBut(List.of("--schedule-gamma", "--schedule-unit"));
                    yield new Schedule.Exponential(needed("--schedule-gamma", gamma), time);
                }
            };
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private <T> T needed(String option, @Nullable T given) {
        if (given == null) {
            throw new UsageException(option + ": is needed by the schedule " + name());
        }
        return given;
    }

    private String name() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private void refuseAllBut(List<String> allowed) {
        refuse("--schedule-every", every, allowed);
        refuse("--schedule-gamma", gamma, allowed);
        refuse("--schedule-total", total, allowed);
        refuse("--schedule-floor", floor, allowed);
        refuse("--schedule-unit", unit, allowed);
    }

    private void refuse(String option, @Nullable Object given, List<String> allowed) {
        if (given != null && !allowed.contains(option)) {
            throw new UsageException(option + ": is no setting of the schedule " + name()
                    + (allowed.isEmpty() ? ", which has none" : ", which has " + String.join(", ", allowed)));
        }
    }
}
