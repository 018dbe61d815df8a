package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.StepKind;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The packed weights of a masked operation, each part of its outputs by itself: masked weights are in none. */
record MaskedWeights(List<Packed> parts) {
    /**
     * A part's weights.
     *
     * @param taps those that it sees something of
     */
    record Packed(OutputPart part, List<Tap> taps, AffineWeights weights) {}

    static MaskedWeights of(
            List<OutputPart> parts,
            Parameters parameters,
            Arena arena,
            WeightRef ref,
            int inputs,
            List<Tap> taps,
            boolean training) {
        return new MaskedWeights(parts.stream()
                .map(part -> packed(part, parameters, arena, ref, inputs, taps, training))
                .toList());
    }

    private static Packed packed(
            OutputPart part,
            Parameters parameters,
            Arena arena,
            WeightRef ref,
            int inputs,
            List<Tap> taps,
            boolean training) {
        OutputPart seeing = part;
        List<Tap> own = taps;
        if (part.unseen() == inputs) {
            seeing = new OutputPart(part.group(), part.first(), part.features(), 0);
            own = taps.subList(0, taps.size() - 1);
        }
        return new Packed(seeing, own, new AffineWeights(parameters, arena, ref, inputs, seeing, own, training, false));
    }

    void refresh(Context context) {
        parts.forEach(packed -> packed.weights.refresh(context));
    }

    /** An instruction for each part of a product. */
    List<StepCode> productCode(int inputs) {
        return stepCode(StepKind.AFFINE, inputs, 2, 1);
    }

    /** An instruction for each part of a look-up of vectors of so many levels. */
    List<StepCode> lookupCode(int inputs, int levels) {
        return stepCode(StepKind.LOOKUP, inputs, 1, levels);
    }

    private List<StepCode> stepCode(StepKind kind, int inputs, int flops, int perInputs) {
        return parts.stream()
                .map(packed -> new StepCode(
                                kind,
                                0,
                                packed.taps,
                                inputs,
                                packed.part.features(),
                                0,
                                1,
                                packed.weights.forward().weights(),
                                packed.weights.forward().bias(),
                                MemorySegment.NULL,
                                (long) flops
                                        * packed.weights.forward().flatInputs()
                                        / perInputs
                                        * packed.part.features())
                        .ofPart(packed.part.group(), packed.part.first(), packed.part.unseen())
                        .withPrecision(packed.weights.precision()))
                .toList();
    }
}
