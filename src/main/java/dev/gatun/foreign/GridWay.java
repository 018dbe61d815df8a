package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;

/** The way on which the cells of a grid's LSTM are handed on; gatun.h says which places come when. */
public enum GridWay {
    /** From row to row: the Row LSTM. */
    DOWN(gatun_h.GATUN_GRID_DOWN()),
    /** To the right in a row, with the state from above: the Diagonal LSTM's left stream. */
    RIGHT(gatun_h.GATUN_GRID_RIGHT()),
    /** To the left, likewise: the Diagonal LSTM's right stream. */
    LEFT(gatun_h.GATUN_GRID_LEFT());

    private final int code;

    GridWay(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
