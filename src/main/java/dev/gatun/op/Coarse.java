package dev.gatun.op;

import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation over maps that have one position for {@code scale} x {@code scale} of the data: its taps are that many positions
 * of the data long.
 *
 * @param operation what is done, in positions of the maps
 * @param scale of the maps that its taps are counted in
 */
public record Coarse(Operation operation, int scale) implements Operation {
    /** Checks the scale. */
    public Coarse {
        if (scale < 1) {
            throw new IllegalArgumentException(operation.name() + ": found scale " + scale + ", expected at least 1");
        }
    }

    /** The operation itself where the scale is 1. */
    public static Operation of(Operation operation, int scale) {
        return scale == 1 ? operation : new Coarse(operation, scale);
    }

    @Override
    public String name() {
        return operation.name();
    }

    @Override
    public int features() {
        return operation.features();
    }

    @Override
    public boolean isLevels() {
        return operation.isLevels();
    }

    @Override
    public List<Input> inputs() {
        return operation.inputs().stream()
                .map(input -> new Input(input.features(), input.levels(), scaled(input.footprint())))
                .toList();
    }

    @Override
    public @Nullable Footprint recurrence() {
        Footprint own = operation.recurrence();
        return own == null ? null : scaled(own);
    }

    private Footprint scaled(Footprint footprint) {
        if (!(footprint instanceof Footprint.Taps taps)) {
            return footprint;
        }
        return new Footprint.Taps(
                taps.taps().stream().map(tap -> tap.times(scale)).toList(), taps.groups());
    }

    @Override
    public List<String> parameters() {
        return operation.parameters();
    }

    @Override
    public long flops() {
        return operation.flops();
    }

    @Override
    public long flops(long positions) {
        return operation.flops(positions);
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return operation.bind(parameters, arena, training);
    }
}
