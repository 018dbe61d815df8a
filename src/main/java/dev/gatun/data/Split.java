package dev.gatun.data;

import java.util.Locale;

/** The parts into which sets of data are divided. */
public enum Split {
    /** What models learn from. */
    TRAIN,
    /** What training is stopped by. */
    VALID,
    /** What models are judged by. */
    TEST,
    /** Everything. */
    ALL;

    /** Its name in options and as an array's key, such as {@code "train"}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
