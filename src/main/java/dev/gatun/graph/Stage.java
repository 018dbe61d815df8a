package dev.gatun.graph;

import dev.gatun.op.Footprint.Groups;
import dev.gatun.op.Tap;

/**
 * When cached sampling can compute a value of a grid, as the walk goes row by row and pixel by pixel: as soon as all is known
 * that it depends on. In the order in which they come.
 */
enum Stage {
    /** At the beginning of its row, all of the row at once: it depends on rows above alone. */
    ROW_BEGIN,
    /** At its pixel, before the pixel's first draw. */
    PIXEL,
    /** At its pixel, each colour group before that group's draw. */
    BEFORE_GROUP,
    /** At its pixel, each colour group after that group's draw. */
    AFTER_GROUP,
    /** At its pixel, after the last draw. */
    AFTER_PIXEL,
    /** At the end of its row, all of the row at once: it depends on pixels to the right. */
    ROW_END;

    /** Whether it comes colour group by colour group. */
    boolean byGroup() {
        return this == BEFORE_GROUP || this == AFTER_GROUP;
    }

    /** Whether it comes in the loop over pixels. */
    boolean atPixel() {
        return this != ROW_BEGIN && this != ROW_END;
    }

    Stage later(Stage other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /**
     * When what is computed at this stage can be read at a tap.
     *
     * @param groups what is seen of the position itself
     * @param grouped whether positions have more than one group
     * @throws IllegalArgumentException if the tap is on a row below
     */
    Stage read(Tap tap, Groups groups, boolean grouped) {
        if (tap.row() > 0) {
            throw new IllegalArgumentException("cached sampling: a tap " + tap + " on a row below its own");
        }
        if (this == ROW_BEGIN || tap.row() < 0) {
            return ROW_BEGIN;
        }
        if (this == ROW_END || tap.column() > 0) {
            return ROW_END;
        }
        if (tap.column() < 0) {
            return PIXEL;
        }
        return readHere(groups, grouped);
    }

    private Stage readHere(Groups groups, boolean grouped) {
        if (groups == Groups.EARLIER) {
            // Nothing, where there is one group; else all of the groups before, which have been drawn.
            return !grouped ? ROW_BEGIN : this == AFTER_GROUP ? BEFORE_GROUP : this;
        }
        return groups == Groups.ALL && byGroup() ? AFTER_PIXEL : this;
    }
}
