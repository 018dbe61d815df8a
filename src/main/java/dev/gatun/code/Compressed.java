package dev.gatun.code;

import dev.gatun.Condition;
import dev.gatun.Conditionals;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.file.FormatException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;

/**
 * A file that {@link Compressor} wrote, with the model and the condition that it was coded by: all of it, or some examples, for
 * which the chunks are decoded that they lie in. What is cut off, altered, or of another model is refused before anything of it
 * is handed out. One thread's.
 */
public final class Compressed implements AutoCloseable {
    private static final int FOOTER = 2 * Integer.BYTES;

    private final Path path;
    private final RandomAccessFile file;
    private final Model model;
    private final Condition condition;
    private final Header header;
    private final List<Chunk> chunks;
    private final long begin;

    private Compressed(Path path, RandomAccessFile file, Model model, Condition condition) throws IOException {
        this.path = path;
        this.file = file;
        this.model = model;
        ByteBuffer first = ByteBuffer.wrap(read(0, (int) Math.min(Header.MOST_BYTES, file.length())));
        Header.Prints prints = Header.read(path, first, model);
        header = prints.header();
        file.seek(first.position());
        Condition kept = header.kept() == Header.Kept.CLASSES ? classes() : Condition.none();
        this.condition = condition.rows() == 0 ? kept : condition;
        prints.check(path, this.condition);
        begin = file.getFilePointer();
        chunks = index();
    }

    /** The classes that the file keeps, which must be the model's. */
    private Condition classes() throws IOException {
        int[] classes = Classes.read(path, file, header.examples());
        int most = Arrays.stream(classes).max().orElse(0);
        try {
            model.conditionals(1, header.length(), Condition.ofClasses(most)).close();
        } catch (IllegalArgumentException e) {
            throw new FormatException(path, "classes up to " + most + ": " + e.getMessage());
        }
        return Condition.ofClasses(classes);
    }

    /**
     * Opens a file and checks its header and index.
     *
     * @param condition what its examples were coded under, a row for each; none where the file keeps its classes
     * @throws FormatException if it is no such file, altered, cut off, or of another model, condition or version
     * @throws IOException if it cannot be read
     */
    public static Compressed open(Path path, Model model, Condition condition) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
        try {
            return new Compressed(path, file, model, condition);
        } catch (Throwable failure) {
            file.close();
            throw failure;
        }
    }

    /**
     * What a file says of its shape, for who has to make a condition of as many rows first.
     *
     * @throws FormatException if it is no such file, or its header was altered
     * @throws IOException if it cannot be read
     */
    public static Shape shape(Path path) throws IOException {
        try (java.io.InputStream in = java.nio.file.Files.newInputStream(path)) {
            Header header = Header.shape(path, ByteBuffer.wrap(in.readNBytes(Header.MOST_BYTES)));
            return new Shape(header.examples(), header.length(), header.kept() == Header.Kept.CLASSES);
        }
    }

    /**
     * How many examples there are, and the positions of each.
     *
     * @param classes whether the file keeps the classes that they were coded under, so that no condition need be given
     */
    public record Shape(int count, int length, boolean classes) {}

    private byte[] read(long at, int bytes) throws IOException {
        byte[] read = new byte[bytes];
        file.seek(at);
        file.readFully(read);
        return read;
    }

    private List<Chunk> index() throws IOException {
        long end = file.length() - FOOTER;
        if (end < begin) {
            throw cutOff();
        }
        long bytes =
                Integer.toUnsignedLong(ByteBuffer.wrap(read(end, Integer.BYTES)).getInt());
        if (bytes > end - begin) {
            throw cutOff();
        }
        ByteBuffer tail = ByteBuffer.wrap(read(end - bytes, (int) bytes + FOOTER));
        if (Header.crc(tail.array(), 0, (int) bytes + Integer.BYTES) != tail.getInt((int) bytes + Integer.BYTES)) {
            throw cutOff();
        }
        tail.limit((int) bytes);
        return checked(tail, end - bytes - begin);
    }

    private FormatException cutOff() {
        return new FormatException(path, "its index is not there: it is cut off, or was altered");
    }

    /** The chunks, which must make up all bytes and all examples, in whole groups but for the last. */
    private List<Chunk> checked(ByteBuffer from, long body) throws IOException {
        List<Chunk> all = new ArrayList<>();
        long examples = 0;
        long bytes = 0;
        try {
            while (from.hasRemaining()) {
                Chunk chunk = new Chunk(
                        Numbers.get(path, from, "examples of a chunk"),
                        Numbers.get(path, from, "bytes of a chunk"),
                        from.getInt(),
                        from.getInt());
                examples += chunk.examples();
                bytes += chunk.bytes();
                boolean whole = chunk.examples() % header.group() == 0 || examples == header.examples();
                if (chunk.examples() < 1 || !whole) {
                    throw new FormatException(
                            path,
                            "index: found a chunk of " + chunk.examples() + " examples, expected whole groups of "
                                    + header.group());
                }
                all.add(chunk);
            }
        } catch (BufferUnderflowException e) {
            throw new FormatException(path, "index: ends in the middle of a chunk's entry");
        }
        if (examples != header.examples() || bytes != body) {
            throw new FormatException(
                    path,
                    "index: found chunks of " + examples + " examples and " + bytes + " bytes, expected "
                            + header.examples() + " and " + body);
        }
        return all;
    }

    /** How many examples there are. */
    public int count() {
        return header.examples();
    }

    /** Positions of each. */
    public int length() {
        return header.length();
    }

    /**
     * Examples {@code from .. to-1}, in the layout of the data.
     *
     * @param progress takes the number of examples that are decoded
     * @throws FormatException if a chunk that they lie in was altered
     * @throws IllegalArgumentException if they are more values than an array holds
     */
    public Examples read(int from, int to, IntConsumer progress) throws IOException {
        Objects.checkFromToIndex(from, to, count());
        long values = (long) (to - from) * length();
        if (values > Integer.MAX_VALUE - Long.BYTES) {
            throw new IllegalArgumentException("compressed: found " + (to - from) + " examples of " + length()
                    + " positions, expected fewer for an array");
        }
        int[] layout = new int[(int) values];
        int first = 0;
        int done = 0;
        long at = begin;
        for (Chunk chunk : chunks) {
            int end = first + chunk.examples();
            if (end > from && first < to) {
                done = decode(chunk, at, first, new Wanted(from, to, layout), done, progress);
            }
            first = end;
            at += chunk.bytes();
        }
        return Examples.ofLevels(to - from, length(), layout);
    }

    /** Where examples go that are asked for. */
    @SuppressWarnings("ArrayRecordComponent") // written to
    private record Wanted(int from, int to, int[] layout) {}

    private int decode(Chunk chunk, long at, int first, Wanted wanted, int before, IntConsumer progress)
            throws IOException {
        byte[] bytes = read(at, chunk.bytes());
        if (Header.crc(bytes, 0, bytes.length) != chunk.crc()) {
            throw new FormatException(
                    path,
                    "the chunk of examples " + first + " to " + (first + chunk.examples() - 1)
                            + " was altered: the checksum is another");
        }
        RangeDecoder decoder = new RangeDecoder(bytes);
        Chunk.LevelsCrc crc = new Chunk.LevelsCrc();
        int done = before;
        int end = first + chunk.examples();
        for (int group = first; group < end; group += header.group()) {
            int next = Math.min(group + header.group(), end);
            int[] levels = group(decoder, group, next);
            crc.add(levels, levels.length);
            for (int n = Math.max(group, wanted.from); n < Math.min(next, wanted.to); n++) {
                int to = (n - wanted.from) * length();
                model.config().data().toLayout(levels, (n - group) * length(), wanted.layout, to, length());
                progress.accept(++done);
            }
        }
        if (crc.value() != chunk.levelsCrc()) {
            throw new FormatException(
                    path,
                    "examples " + first + " to " + (end - 1)
                            + " decode to other values than were coded: the checksum is another");
        }
        return done;
    }

    /** The levels of a group, by positions. */
    private int[] group(RangeDecoder decoder, int from, int to) {
        int[] levels = new int[Math.multiplyExact(to - from, length())];
        int[] taken = new int[to - from];
        Condition given = condition.rows() == 0 ? condition : condition.slice(from, to);
        try (Conditionals walks = model.conditionals(to - from, length(), given)) {
            while (walks.taken() < length()) {
                int position = walks.position();
                for (int n = 0; n < taken.length; n++) {
                    taken[n] = decoder.decode(walks.level(n));
                    levels[n * length() + position] = taken[n];
                }
                walks.take(taken);
            }
        }
        return levels;
    }

    /** Gives the file back; a second time does nothing. */
    @Override
    public void close() throws IOException {
        file.close();
    }
}
