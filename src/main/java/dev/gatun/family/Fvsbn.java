package dev.gatun.family;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Fully visible sigmoid belief network: one triangular matrix. */
final class Fvsbn implements Family {
    @Override
    public String name() {
        return "fvsbn";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public Set<InputEncoding> inputs() {
        return EnumSet.of(InputEncoding.RAW, InputEncoding.UNIT, InputEncoding.SCALED);
    }

    @Override
    public Set<DistributionSpec.Type> distributions() {
        return EnumSet.of(DistributionSpec.Type.BERNOULLI);
    }

    @Override
    public boolean fixedLength() {
        return true;
    }

    /** Starts as a linear layer of D inputs. */
    @Override
    public ParameterLayout layout(ModelConfig config) {
        int d = config.data().length().orElseThrow();
        Mask.Entries belowDiagonal = index -> index % d < index / d;
        return new ParameterLayout.Builder()
                .tensorWithMask("weight", integers -> belowDiagonal, d, d, d)
                .tensor("bias", ParameterSpec.Start.UNIFORM, d, d)
                .build();
    }
}
