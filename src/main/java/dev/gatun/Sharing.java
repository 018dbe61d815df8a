package dev.gatun;

import java.util.Locale;

/**
 * What several threads do for a sample, image or stream that is drawn alone; many of them they draw side by side. Values have the same bits
 * either way.
 */
public enum Sharing {
    /**
     * Share its steps where these were measured to be faster so, when a program is first used: a question of how fast the cores hear
     * of each other, and of how much there is to compute in a step.
     */
    AUTO,
    /** One thread draws it. */
    APART,
    /**
     * All share the products of each step, or of an image's rows and pixels. They wait for each other by spinning, so that it takes
     * long where other work has their cores.
     */
    TOGETHER;

    /** The name on the command line. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
