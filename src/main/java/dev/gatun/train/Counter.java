package dev.gatun.train;

import java.util.function.BiConsumer;
import java.util.function.Function;

/** The numbers of a {@link TrainingState} as text, each exactly. */
enum Counter {
    EPOCH("epoch", s -> Integer.toString(s.epoch), (s, text) -> s.epoch = Integer.parseInt(text)),
    BATCH("batch", s -> Integer.toString(s.batch), (s, text) -> s.batch = Integer.parseInt(text)),
    STEP("step", s -> Long.toString(s.step), (s, text) -> s.step = Long.parseLong(text)),
    LOSS_SUM("loss sum", s -> hex(s.lossSum), (s, text) -> s.lossSum = Double.parseDouble(text)),
    NORM_SUM("norm sum", s -> hex(s.normSum), (s, text) -> s.normSum = Double.parseDouble(text)),
    TRAIN_NATS("train nats", s -> hex(s.trainNats), (s, text) -> s.trainNats = Double.parseDouble(text)),
    BEST_EPOCH("best epoch", s -> Integer.toString(s.bestEpoch), (s, text) -> s.bestEpoch = Integer.parseInt(text)),
    BEST_NATS("best nats", s -> hex(s.bestNats), (s, text) -> s.bestNats = Double.parseDouble(text)),
    EPOCH_SECONDS("epoch seconds", s -> hex(s.epochSeconds), (s, text) -> s.epochSeconds = Double.parseDouble(text)),
    SECONDS("seconds", s -> hex(s.seconds), (s, text) -> s.seconds = Double.parseDouble(text));

    /** Its metadata key in a state file. */
    final String key;

    final Function<TrainingState, String> get;
    final BiConsumer<TrainingState, String> set;

    Counter(String key, Function<TrainingState, String> get, BiConsumer<TrainingState, String> set) {
        this.key = key;
        this.get = get;
        this.set = set;
    }

    private static String hex(double value) {
        return Double.toHexString(value);
    }
}
