package dev.gatun.code;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.file.AtomicFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** Codes data without loss by a model of levels, into a file that {@link Compressed} reads. */
public final class Compressor {
    /** Bytes from which on a chunk ends: what its entry and its end cost is then below 0.03 %. */
    private static final int CHUNK_BYTES = 1 << 16;

    /** What a decoder may need for the states of a group. */
    private static final long GROUP_BYTES = 128L << 20;

    /** Bytes of an entry of the index, at most. */
    private static final int ENTRY_BYTES = 18;

    private Compressor() {}

    /**
     * What a file came to.
     *
     * @param bytes of the file
     * @param bits what the model's conditionals ask for: the sum of {@code -log2 p}
     */
    public record Summary(long bytes, double bits) {}

    /**
     * Writes a file, whole or not at all.
     *
     * @param condition a row for each example
     * @param progress takes the number of examples that are coded
     * @throws IllegalArgumentException if the model is an ensemble, of reals, or has no step program to be decoded by, or the
     *     examples are not of its kind
     * @throws IOException if the file cannot be written; what was there is then intact
     */
    public static Summary compress(Model model, Examples examples, Condition condition, Path file, IntConsumer progress)
            throws IOException {
        Header.Kept kept = condition.rows() == 0 ? Header.Kept.NOTHING : Header.Kept.FINGERPRINT;
        return compress(model, examples, condition, kept, file, progress);
    }

    /**
     * As {@link #compress}, under classes, which the file keeps, a few bits each, so that a decoder is not given any.
     *
     * @param classes the class of each example
     * @throws IllegalArgumentException as there, and if the model is conditioned on something besides
     * @throws IOException if the file cannot be written; what was there is then intact
     */
    public static Summary compressWithClasses(
            Model model, Examples examples, int[] classes, Path file, IntConsumer progress) throws IOException {
        return compress(model, examples, Condition.ofClasses(classes), Header.Kept.CLASSES, file, progress);
    }

    private static Summary compress(
            Model model, Examples examples, Condition condition, Header.Kept kept, Path file, IntConsumer progress)
            throws IOException {
        if (examples.count() < 1) {
            throw new IllegalArgumentException("examples: found none, expected at least one");
        }
        int group = group(model, examples);
        // A decoder is made before anything is written: what cannot be decoded is not coded.
        model.conditionals(1, examples.length(), condition.slice(0, Math.min(1, condition.rows())))
                .close();
        Symbols symbols = new Symbols(model, examples, condition);
        long[] bytes = new long[1];
        AtomicFile.write(file, out -> {
            byte[] header = new Header(examples.count(), examples.length(), group, kept).write(model, condition);
            out.write(header);
            byte[] classes = kept == Header.Kept.CLASSES ? Classes.write(condition.toClasses()) : new byte[0];
            out.write(classes);
            bytes[0] = header.length + classes.length + chunks(symbols, examples.count(), group, progress, out);
        });
        return new Summary(bytes[0], symbols.bits());
    }

    /** Examples side by side: as many as their states allow. */
    private static int group(Model model, Examples examples) {
        long state = Math.max(1, model.plan(examples.length()).stateFloats()) * Float.BYTES;
        return Math.clamp(GROUP_BYTES / state, 1, Math.min(Header.MOST_TOGETHER, examples.count()));
    }

    private static long chunks(Symbols symbols, int count, int group, IntConsumer progress, OutputStream out)
            throws IOException {
        List<Chunk> index = new ArrayList<>();
        long bytes = 0;
        for (int first = 0, end; first < count; first = end) {
            RangeEncoder encoder = new RangeEncoder();
            Chunk.LevelsCrc levels = new Chunk.LevelsCrc();
            end = first;
            while (end < count && (end == first || encoder.size() < CHUNK_BYTES)) {
                int next = Math.min(end + group, count);
                symbols.encode(end, next, encoder, levels);
                end = next;
                progress.accept(end);
            }
            byte[] coded = encoder.finish();
            out.write(coded);
            bytes += coded.length;
            index.add(new Chunk(end - first, coded.length, Header.crc(coded, 0, coded.length), levels.value()));
        }
        byte[] tail = tail(index);
        out.write(tail);
        return bytes + tail.length;
    }

    /** The index and the footer. */
    private static byte[] tail(List<Chunk> index) {
        ByteBuffer to = ByteBuffer.allocate(Math.multiplyExact(index.size(), ENTRY_BYTES) + 2 * Integer.BYTES);
        for (Chunk chunk : index) {
            Numbers.put(to, chunk.examples());
            Numbers.put(to, chunk.bytes());
            to.putInt(chunk.crc()).putInt(chunk.levelsCrc());
        }
        to.putInt(to.position());
        to.putInt(Header.crc(to.array(), 0, to.position()));
        return java.util.Arrays.copyOf(to.array(), to.position());
    }
}
