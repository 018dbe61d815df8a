package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.graph.CarriedState;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What windows of long sequences hand on, where they are computed. On a device what is computed stays there; the data are in this
 * machine's memory, too, which brings what it takes of them.
 */
final class HandedOn {
    private final CarriedState state;
    private final @Nullable DevicePasses device;

    /** What a device makes of it, for a number of examples. */
    private record Key(Part part, int examples) {}

    private enum Part {
        LOAD,
        SAVE
    }

    /** @param device what runs the windows, or null for this machine's processor */
    HandedOn(CarriedState state, @Nullable DevicePasses device) {
        this.state = state;
        this.device = device;
    }

    /** All of it, as this machine has it. */
    MemorySegment all() {
        return state.all();
    }

    /** Sets how many examples the next windows have. */
    void examples(int count) {
        state.examples(count);
    }

    /** Makes it, in this machine's memory, what is handed on to a first window. */
    void begin() {
        state.begin();
    }

    /** Makes a device go on from what this machine has. */
    void bring() {
        if (device != null) {
            prepare(Part.LOAD, state::loadComputed);
            device.bring(state.all());
        }
    }

    /** Fetches what a device has. */
    void fetch() {
        if (device != null) {
            device.fetch(state.all());
        }
    }

    /** Makes the next window that which follows, before its data are brought. */
    void load(Context context) {
        state.loadFilled();
        if (device == null) {
            state.loadComputed(context);
        } else {
            device.run(prepare(Part.LOAD, state::loadComputed));
        }
    }

    /** Takes what the window that ran hands on. */
    void save(Context context) {
        state.saveFilled();
        if (device == null) {
            state.saveComputed(context);
        } else {
            device.run(prepare(Part.SAVE, state::saveComputed));
            state.eachFilled(device::bring);
        }
    }

    private Key prepare(Part part, Consumer<Context> calls) {
        Key key = new Key(part, state.examples());
        Objects.requireNonNull(device).prepare(key, calls);
        return key;
    }
}
