package dev.gatun.op;

import dev.gatun.foreign.StepKind;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.util.List;

/** A condition: what is known before the first position. Whoever runs a graph fills its grid. */
public sealed interface Given extends Operation {
    /**
     * A class of the whole example, as a level.
     *
     * @param classes how many there are
     */
    record Label(int classes) implements Given {
        @Override
        public String name() {
            return "class";
        }

        @Override
        public int features() {
            return 1;
        }

        @Override
        public boolean isLevels() {
            return true;
        }

        @Override
        public Kernel bind(Parameters parameters, Arena arena, boolean training) {
            return new Data.Filled(StepCode.of(StepKind.CLASS, -1, List.of(), 0, 1, classes, 0));
        }
    }

    /**
     * Features of each frame, of each pixel, or of the whole example.
     *
     * @param features of a frame
     * @param exact whether there are as many as the graph has places for them; else at least as many
     */
    record Frames(int features, boolean exact) implements Given {
        /** Frames of a sequence, at least as many as it needs. */
        public Frames(int features) {
            this(features, false);
        }

        @Override
        public String name() {
            return "frames";
        }

        @Override
        public Kernel bind(Parameters parameters, Arena arena, boolean training) {
            return new Data.Filled(StepCode.of(StepKind.FRAME, -1, List.of(), 0, features, 0, 0));
        }
    }

    @Override
    default List<Input> inputs() {
        return List.of();
    }

    @Override
    default long flops() {
        return 0;
    }
}
