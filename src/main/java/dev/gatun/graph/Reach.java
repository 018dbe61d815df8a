package dev.gatun.graph;

import dev.gatun.op.Footprint.Groups;
import dev.gatun.op.Tap;
import java.util.List;

/**
 * The latest position that a value depends on: one lattice value a node. It says when a node can be computed (as soon as that
 * position is known) and whether a model is autoregressive (that of the outputs lies strictly before the position itself).
 */
public sealed interface Reach {
    /** Depends on no position: known before the first. */
    record Nothing() implements Reach {
        @Override
        public String toString() {
            return "no position";
        }
    }

    /**
     * A position relative to the value's own. Its order is the chain's: rows, then columns, then groups.
     *
     * @param row relative row
     * @param column relative column, {@link #WHOLE_ROW} for all of the row
     * @param groups what is seen of the value's own position; {@link Groups#ALL} at any other
     */
    record Position(int row, int column, Groups groups) implements Reach, Comparable<Position> {
        /** Stands for the last column, whichever that is. */
        public static final int WHOLE_ROW = Integer.MAX_VALUE;

        /** What the data itself reaches: its own position. */
        static final Position OWN = new Position(0, 0, Groups.UP_TO_OWN);

        @Override
        public int compareTo(Position other) {
            if (row != other.row) {
                return Integer.compare(row, other.row);
            }
            return column != other.column ? Integer.compare(column, other.column) : groups.compareTo(other.groups);
        }

        /** Whether it lies strictly before the position itself. */
        public boolean isBefore() {
            boolean sameRow = row == 0 && (column < 0 || (column == 0 && groups == Groups.EARLIER));
            return row < 0 || sameRow;
        }

        /** What reading a value of this reach at a tap reaches. */
        Position from(Tap tap, Groups seen) {
            int to = column == WHOLE_ROW ? WHOLE_ROW : Math.addExact(column, tap.column());
            boolean own = tap.equals(Tap.HERE) && row == 0 && column == 0;
            return new Position(Math.addExact(row, tap.row()), to, own ? compose(seen) : Groups.ALL);
        }

        /** Groups up to the last seen one, of a value that itself reaches {@link #groups}. */
        private Groups compose(Groups seen) {
            if (seen == Groups.ALL || groups == Groups.ALL) {
                return Groups.ALL;
            }
            return seen == Groups.EARLIER || groups == Groups.EARLIER ? Groups.EARLIER : Groups.UP_TO_OWN;
        }

        /** This reach with all of its row. */
        Position wholeRow() {
            return new Position(row, WHOLE_ROW, Groups.ALL);
        }

        @Override
        public String toString() {
            if (column == WHOLE_ROW) {
                return row == 0 ? "the whole of its row" : "the whole of row " + row;
            }
            if (row != 0 || column != 0) {
                return new Tap(row, column).toString();
            }
            return switch (groups) {
                case EARLIER -> "earlier groups of its position";
                case UP_TO_OWN -> "its own position";
                case ALL -> "all groups of its position";
            };
        }
    }

    /**
     * For each unit of a dense layer the latest place in the chain, counted from 1, that it depends on; 0 for none.
     *
     * @param places by unit
     */
    record Units(List<Integer> places) implements Reach {
        /** Copies the list. */
        public Units {
            places = List.copyOf(places);
        }

        @Override
        public String toString() {
            return "places up to " + places.stream().max(Integer::compare).orElse(0);
        }
    }
}
