package dev.gatun;

import dev.gatun.tensor.Parameters;
import dev.gatun.train.Objective;
import java.lang.foreign.MemorySegment;
import java.util.SequencedMap;

/** The same objective, whose parameters and gradient travel, so that steps are the processor's; what tests change of it they override. */
class Travelling implements Objective {
    private final Objective of;

    Travelling(Objective of) {
        this.of = of;
    }

    @Override
    public Parameters parameters() {
        return of.parameters();
    }

    @Override
    public MemorySegment gradient() {
        return of.gradient();
    }

    @Override
    public int trainingExamples() {
        return of.trainingExamples();
    }

    @Override
    public int validationExamples() {
        return of.validationExamples();
    }

    @Override
    public int dimensions() {
        return of.dimensions();
    }

    @Override
    public SequencedMap<String, String> identity() {
        return of.identity();
    }

    @Override
    public SequencedMap<String, MemorySegment> carried() {
        return of.carried();
    }

    @Override
    public double lossAndGradient(int[] examples, long step) {
        return of.lossAndGradient(examples, step);
    }

    @Override
    public double validationLoss() {
        return of.validationLoss();
    }
}
