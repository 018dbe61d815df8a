package dev.gatun.train;

/** Checks of numbers, with the name, what was found and what was expected in the message. */
final class Ranges {
    private Ranges() {}

    static void positive(String name, double value) {
        require(value > 0 && value < Double.POSITIVE_INFINITY, name, value, "a number above 0");
    }

    static void notNegative(String name, double value) {
        require(value >= 0 && value < Double.POSITIVE_INFINITY, name, value, "0 or a number above it");
    }

    static void fraction(String name, double value) {
        require(value >= 0 && value < 1, name, value, "0 or more, below 1");
    }

    /** Zero gradients (masked weights) divide by it, in float32. */
    static void epsilon(double value) {
        require(value >= Float.MIN_NORMAL && value < Double.POSITIVE_INFINITY, "epsilon", value, "a float32 above 0");
    }

    static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": found " + value + ", expected " + least + " or more");
        }
    }

    private static void require(boolean holds, String name, double value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": found " + value + ", expected " + expected);
        }
    }
}
