package dev.gatun.data;

import dev.gatun.Examples;
import dev.gatun.family.DataSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Images in one piece or divided. What was read is kept. For one thread. */
final class ImageSet implements DataSet {
    private final String name;
    private final SequencedMap<Split, Source> parts;
    private final Map<Split, Images> read = new EnumMap<>(Split.class);

    /** Reads a part. */
    interface Source {
        Images read() throws IOException;
    }

    private ImageSet(String name, SequencedMap<Split, Source> parts) {
        this.name = name;
        this.parts = parts;
    }

    /** A set that is not divided. */
    static ImageSet whole(String name, Source source) {
        SequencedMap<Split, Source> parts = new LinkedHashMap<>();
        parts.put(Split.ALL, source);
        return new ImageSet(name, parts);
    }

    /** A set of parts in the order train, valid, test. */
    static ImageSet divided(String name, SequencedMap<Split, Source> parts) {
        return new ImageSet(name, parts);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Split> splits() {
        return parts.containsKey(Split.ALL) ? List.of() : List.copyOf(parts.keySet());
    }

    @Override
    public DataSpec spec(boolean images) throws IOException {
        return images(parts.firstEntry().getKey()).spec(images);
    }

    @Override
    public Examples read(Split split, DataSpec data) throws IOException {
        return images(split).examples(data);
    }

    @Override
    public int @Nullable [] labels(Split split) throws IOException {
        return images(split).labels();
    }

    /** The images of a part. */
    Images images(Split split) throws IOException {
        DataSets.demand(this, split);
        Images known = read.get(split);
        if (known != null) {
            return known;
        }
        Source source = parts.get(split);
        Images images;
        if (source != null) {
            images = source.read();
        } else {
            List<Images> all = new ArrayList<>();
            for (Split part : parts.keySet()) {
                all.add(images(part));
            }
            images = Images.join(all);
        }
        read.put(split, images);
        return images;
    }
}
