package dev.gatun.op;

import dev.gatun.foreign.NativeAffine;
import java.util.ArrayList;
import java.util.List;

/**
 * The positions of a fine map that are alike in {@code stride} x {@code stride}, and the taps that stand between them and a
 * coarse map: fine(stride * p + (row, column)) has to do with coarse(p + tap).
 *
 * @param taps in raster order
 * @param numbers which tap of the whole each of them is
 */
record Phase(int row, int column, List<Tap> taps, List<Integer> numbers) {
    private record Numbered(Tap tap, int number) {}

    /**
     * All phases, whose taps these are: coarse(q) has to do with fine(stride * q + tap).
     *
     * @param taps in positions of the fine map
     */
    static List<Phase> of(List<Tap> taps, int stride) {
        List<Phase> phases = new ArrayList<>();
        for (int row = 0; row < stride; row++) {
            for (int column = 0; column < stride; column++) {
                phases.add(of(taps, stride, row, column));
            }
        }
        return phases;
    }

    private static Phase of(List<Tap> taps, int stride, int row, int column) {
        List<Numbered> own = new ArrayList<>();
        for (int k = 0; k < taps.size(); k++) {
            int down = row - taps.get(k).row();
            int right = column - taps.get(k).column();
            if (Math.floorMod(down, stride) == 0 && Math.floorMod(right, stride) == 0) {
                own.add(new Numbered(new Tap(down / stride, right / stride), k));
            }
        }
        own.sort((a, b) -> a.tap.compareTo(b.tap));
        return new Phase(
                row,
                column,
                own.stream().map(Numbered::tap).toList(),
                own.stream().map(Numbered::number).toList());
    }

    /** The taps in positions of the fine map, from the phase's own. */
    List<Tap> fromFine(int stride) {
        return taps.stream()
                .map(tap -> new Tap(stride * tap.row() - row, stride * tap.column() - column))
                .toList();
    }

    /** The weights of its taps. */
    WeightRef of(WeightRef all) {
        long[] offsets = numbers.stream()
                .mapToLong(number -> all.layout().tapOffsets()[number])
                .toArray();
        return new WeightRef(
                all.weight(),
                new NativeAffine.Layout(
                        all.layout().strideOutput(), all.layout().strideInput(), offsets),
                all.bias());
    }
}
