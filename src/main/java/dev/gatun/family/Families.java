package dev.gatun.family;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The model families by name. */
public final class Families {
    private static final SequencedMap<String, Family> ALL = new LinkedHashMap<>();

    static {
        List<Family> families = List.of(
                new Markov(),
                new LinearAr(),
                new MlpArm(),
                new RnnArm(),
                new CausalConvArm(),
                new Fvsbn(),
                new Nade(),
                new Made(),
                new PixelCnn(),
                new RowLstm(),
                new DiagonalBilstm(),
                new GatedPixelCnn(),
                new PixelCnnPp(),
                new WaveNet());
        families.forEach(family -> ALL.put(family.name(), family));
    }

    private Families() {}

    /** All names, as configurations have them. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /**
     * The family of that name.
     *
     * @throws InvalidModelException if there is none
     */
    public static Family of(String name) {
        @Nullable Family family = ALL.get(name);
        if (family == null) {
            throw InvalidModelException.of("architecture", Fields.show(name), Fields.oneOf(names()));
        }
        return family;
    }
}
