package dev.gatun.data;

import dev.gatun.LongSequence;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Some sequences, one after the other, as one. Nothing is copied. */
final class Joined implements LongSequence {
    private final LongSequence[] parts;
    /** Where each begins; last, where all end. */
    private final long[] starts;

    private Joined(List<LongSequence> parts) {
        this.parts = parts.toArray(LongSequence[]::new);
        this.starts = new long[this.parts.length + 1];
        for (int i = 0; i < this.parts.length; i++) {
            starts[i + 1] = starts[i] + this.parts[i].length();
        }
    }

    static LongSequence of(List<LongSequence> parts) {
        return parts.size() == 1 ? parts.getFirst() : new Joined(parts);
    }

    @Override
    public long length() {
        return starts[parts.length];
    }

    @Override
    public void read(long from, int[] to, int offset, int count) {
        Objects.checkFromIndexSize(from, count, length());
        Objects.checkFromIndexSize(offset, count, to.length);
        if (count == 0) {
            return;
        }
        int found = Arrays.binarySearch(starts, from);
        int part = found >= 0 ? found : -found - 2;
        int done = 0;
        while (done < count) {
            long begin = from + done - starts[part];
            int size = (int) Math.min(count - done, parts[part].length() - begin);
            if (size > 0) {
                parts[part].read(begin, to, offset + done, size);
                done += size;
            }
            part++;
        }
    }
}
