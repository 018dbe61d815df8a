package dev.gatun.data;

import dev.gatun.LongSequence;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Collects levels, one byte each where there are at most 256 of them, else four: in memory up to a limit, beyond it in a temporary
 * file that is mapped. The file is deleted as soon as it is mapped, so that nothing stays behind. For one thread; what
 * {@link #finish} returns is for any.
 */
final class LevelStore implements AutoCloseable {
    static final int MEMORY_BYTES = 64 << 20;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int width;
    private final int limit;
    private byte[] held = new byte[BUFFER_BYTES];
    private int filled;
    private long written;
    private @Nullable FileChannel channel;

    LevelStore(int levels) {
        this(levels, MEMORY_BYTES);
    }

    /** @param limit bytes that are held in memory at most */
    LevelStore(int levels, int limit) {
        this.width = levels <= 1 << Byte.SIZE ? 1 : Integer.BYTES;
        this.limit = Math.max(limit, BUFFER_BYTES);
    }

    /** How many levels there are so far. */
    long count() {
        return (written + filled) / width;
    }

    /** Adds a level. */
    void put(int level) throws IOException {
        room();
        held[filled] = (byte) level;
        for (int i = 1; i < width; i++) {
            held[filled + i] = (byte) (level >> (i * Byte.SIZE));
        }
        filled += width;
    }

    /** Adds levels of one byte each. */
    void put(byte[] levels, int from, int count) throws IOException {
        for (int i = from; i < from + count; i++) {
            put(levels[i] & 0xff);
        }
    }

    private void room() throws IOException {
        if (filled + width <= held.length) {
            return;
        }
        if (channel == null && held.length < limit) {
            held = Arrays.copyOf(held, Math.min(2 * held.length, limit));
        } else {
            spill();
        }
    }

    private void spill() throws IOException {
        FileChannel file = channel;
        if (file == null) {
            Path path = Files.createTempFile("gatun-levels-", ".tmp");
            file = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
            channel = file;
        }
        ByteBuffer bytes = ByteBuffer.wrap(held, 0, filled);
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
        written += filled;
        filled = 0;
    }

    /** What was put, in its order. Nothing can be put any more. */
    LongSequence finish() throws IOException {
        try (this) {
            if (channel == null) {
                return new Stored(MemorySegment.ofArray(held).asSlice(0, filled), width);
            }
            spill();
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, written, Arena.ofAuto());
            return new Stored(mapped, width);
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }

    private record Stored(MemorySegment bytes, int width) implements LongSequence {
        @Override
        public long length() {
            return bytes.byteSize() / width;
        }

        @Override
        public void read(long from, int[] to, int offset, int count) {
            Objects.checkFromIndexSize(from, count, length());
            Objects.checkFromIndexSize(offset, count, to.length);
            if (width == 1) {
                for (int i = 0; i < count; i++) {
                    to[offset + i] = bytes.get(ValueLayout.JAVA_BYTE, from + i) & 0xff;
                }
            } else {
                for (int i = 0; i < count; i++) {
                    to[offset + i] = bytes.get(INT, (from + i) * width);
                }
            }
        }
    }
}
