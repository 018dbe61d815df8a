package dev.gatun.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The named float32 tensors of a model, in one native segment, so that an optimiser can run over all of them at once.
 * Each tensor starts on a multiple of 64 bytes; the floats between the end of one and the start of the next are zero and
 * belong to none. Beside them are the model's integer tensors (orderings, degrees), which no optimiser touches.
 *
 * <p>The memory lives as long as the arena given to the constructor, whose owner decides when it ends; which threads may
 * use it is the arena's matter too. Nothing here synchronises: who writes values keeps readers away meanwhile.
 */
public final class Parameters {
    private static final long ALIGNMENT = 64;
    private static final long FLOATS_PER_LINE = ALIGNMENT / Float.BYTES;

    /** Where a tensor lies in {@link #all}, in floats. */
    private static final class Place {
        private final int[] shape;
        private final long offset;
        private final long count;

        Place(int[] shape, long offset, long count) {
            this.shape = shape.clone();
            this.offset = offset;
            this.count = count;
        }
    }

    private final SequencedMap<String, Place> places;
    private final Map<String, long[]> integers;
    private final Map<String, Precision> rounded = new HashMap<>();
    private final MemorySegment all;
    private final long count;

    /**
     * Allocates tensors of zeros.
     *
     * @param shapes the shape of each tensor by name, in the order in which they are laid out; sizes ≥ 1
     * @param arena owner of the memory
     * @throws IllegalArgumentException if a size is less than 1 or there are more elements than memory can address
     */
    public Parameters(SequencedMap<String, int[]> shapes, Arena arena) {
        this(shapes, Map.of(), arena);
    }

    /**
     * As {@link #Parameters(SequencedMap, Arena)}, with integer tensors.
     *
     * @param integers the values of each integer tensor, which are one-dimensional; the arrays are kept, not copied
     */
    public Parameters(SequencedMap<String, int[]> shapes, Map<String, long[]> integers, Arena arena) {
        places = new LinkedHashMap<>();
        long length = 0;
        long scalars = 0;
        for (Map.Entry<String, int[]> entry : shapes.entrySet()) {
            long size = elements(entry.getKey(), entry.getValue());
            places.put(entry.getKey(), new Place(entry.getValue(), length, size));
            scalars = Math.addExact(scalars, size);
            length = Math.addExact(length, Math.ceilDiv(size, FLOATS_PER_LINE) * FLOATS_PER_LINE);
        }
        this.count = scalars;
        this.integers = Collections.unmodifiableMap(new LinkedHashMap<>(integers));
        all = arena.allocate(Math.multiplyExact(length, (long) Float.BYTES), ALIGNMENT);
    }

    private static long elements(String name, int[] shape) {
        long size = 1;
        for (int side : shape) {
            if (side < 1 || size > Long.MAX_VALUE / 64 / side) {
                throw new IllegalArgumentException(
                        name + ": shape " + Arrays.toString(shape) + ", expected sizes >= 1 that memory can hold");
            }
            size *= side;
        }
        return size;
    }

    /** All tensors and the zeros between them: {@link #length()} floats. */
    public MemorySegment all() {
        return all;
    }

    /** The number of floats of {@link #all()}, the zeros between tensors included. */
    public long length() {
        return all.byteSize() / Float.BYTES;
    }

    /** The number of scalars of all float tensors. */
    public long count() {
        return count;
    }

    /** The names of the float tensors, in the order of their layout. */
    public Set<String> names() {
        return Collections.unmodifiableSet(places.keySet());
    }

    /** Whether there is a float tensor of that name. */
    public boolean has(String name) {
        return places.containsKey(name);
    }

    /**
     * The values of a float tensor, row-major, as a part of {@link #all()}.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public MemorySegment get(String name) {
        Place place = place(name);
        return all.asSlice(place.offset * Float.BYTES, place.count * Float.BYTES);
    }

    /**
     * The shape of a float tensor.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public int[] shape(String name) {
        return place(name).shape.clone();
    }

    /**
     * Where a float tensor starts in {@link #all()}, in floats: a multiple of 16.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public long offset(String name) {
        return place(name).offset;
    }

    /**
     * Rounds a float tensor's values, output by output.
     *
     * @param axis of its shape along which its outputs lie
     * @throws IllegalArgumentException if there is none of that name
     */
    public void round(String name, int axis, Precision precision) {
        int[] shape = place(name).shape;
        int outputs = shape[axis];
        int inner = Arrays.stream(shape, axis + 1, shape.length).reduce(1, (a, b) -> a * b);
        MemorySegment values = get(name);
        float[] row = new float[Math.toIntExact(place(name).count / outputs)];
        for (long output = 0; output < outputs; output++) {
            for (int part = 0; part < row.length / inner; part++) {
                long from = (part * (long) outputs + output) * inner;
                MemorySegment.copy(values, ValueLayout.JAVA_FLOAT, from * Float.BYTES, row, part * inner, inner);
            }
            Rounding.round(row, precision);
            for (int part = 0; part < row.length / inner; part++) {
                long to = (part * (long) outputs + output) * inner;
                MemorySegment.copy(row, part * inner, values, ValueLayout.JAVA_FLOAT, to * Float.BYTES, inner);
            }
        }
        rounded.put(name, precision);
    }

    /** What a float tensor's values were rounded to last, {@link Precision#F32} if they were not. */
    public Precision precision(String name) {
        return rounded.getOrDefault(name, Precision.F32);
    }

    /** The integer tensors by name. The arrays are the ones in use, not copies: only their model's maker writes to them. */
    public Map<String, long[]> integers() {
        return integers;
    }

    /** The same tensors with the same values, integers included, in memory of their own; plain numbers, rounded or not. */
    public Parameters copy(Arena arena) {
        SequencedMap<String, int[]> shapes = new LinkedHashMap<>();
        places.forEach((name, place) -> shapes.put(name, place.shape));
        Map<String, long[]> values = new LinkedHashMap<>();
        integers.forEach((name, of) -> values.put(name, of.clone()));
        Parameters copy = new Parameters(shapes, values, arena);
        MemorySegment.copy(all, ValueLayout.JAVA_BYTE, 0, copy.all, ValueLayout.JAVA_BYTE, 0, all.byteSize());
        return copy;
    }

    private Place place(String name) {
        @Nullable Place place = places.get(name);
        if (place == null) {
            throw new IllegalArgumentException(name + ": not a tensor of this model, which has " + places.keySet());
        }
        return place;
    }
}
