package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.Pass;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A pass where a model is computed: by its processor, or on its device, where what callers fill in is brought and results are fetched. */
final class PlacedPass {
    private final Context context;
    private final Pass pass;
    private final @Nullable DevicePasses device;

    /** What a device runs, of a number of examples. */
    private record Key(Part part, int examples) {}

    private enum Part {
        RUN,
        GRADIENT
    }

    /** @param arena the pass's */
    PlacedPass(Model model, Arena arena, Pass pass) {
        context = model.context();
        device = DevicePasses.of(model.cuda(), arena);
        this.pass = pass;
    }

    /** Computes all nodes from the data. */
    void run() {
        if (device == null) {
            pass.run(context);
            return;
        }
        Key key = key(Part.RUN);
        device.prepare(key, pass::run);
        device.bringInputs(pass);
        device.run(key);
    }

    /** The outputs, after {@link #run}. */
    NativeMap outputs() {
        return fetched(pass.outputs());
    }

    /** As {@link Pass#gradient(Context, Consumer, MemorySegment)}; the same parameters' at each call. */
    void gradient(Consumer<NativeMap> ofOutputs, MemorySegment parameters) {
        if (device == null) {
            pass.gradient(context, ofOutputs, parameters);
            return;
        }
        Key key = key(Part.GRADIENT);
        device.prepare(key, recorder -> pass.gradient(recorder, head -> {}, parameters));
        ofOutputs.accept(pass.outputsGradient());
        device.bring(pass.outputsGradient().memoryInUse());
        device.run(key);
    }

    /** The gradient with respect to the data's numbers, after {@link #gradient}. */
    NativeMap dataGradient() {
        return fetched(pass.dataGradient());
    }

    private Key key(Part part) {
        return new Key(part, pass.outputs().examples());
    }

    private NativeMap fetched(NativeMap map) {
        if (device != null) {
            device.fetch(map);
        }
        return map;
    }
}
