package dev.gatun.file;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a {@code .safetensors} file. Tensors lie in the order in which they were added, so that the same calls make
 * the same bytes. Values are not copied: what an array or a segment holds when {@link #write} runs is what is written.
 * Not for use by several threads at once.
 */
public final class SafetensorsWriter {
    private static final int CHUNK_BYTES = 1 << 16;
    private static final int ALIGNMENT = 8;

    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /** Values in native order, and how wide the unit is whose bytes must be swapped where that is not little-endian. */
    private record Tensor(Safetensors.Type type, List<Long> shape, MemorySegment values, int unit) {}

    /** A writer with no tensors and no metadata. */
    public SafetensorsWriter() {}

    /**
     * Adds a tensor of F32.
     *
     * @param name its name, not yet added
     * @param shape its sizes, outermost first
     * @param values its values, row-major
     * @return this writer
     * @throws IllegalArgumentException if the name is taken, or the shape is not that of the values
     */
    public SafetensorsWriter add(String name, long[] shape, float[] values) {
        return put(name, Safetensors.Type.F32, shape, MemorySegment.ofArray(values), Float.BYTES);
    }

    /**
     * Adds a tensor of F32.
     *
     * @param name its name, not yet added
     * @param shape its sizes, outermost first
     * @param floats its values, row-major, in native byte order; must stay alive until {@link #write} has returned
     * @return this writer
     * @throws IllegalArgumentException if the name is taken, or the shape is not that of the values
     */
    public SafetensorsWriter add(String name, long[] shape, MemorySegment floats) {
        return put(name, Safetensors.Type.F32, shape, floats, Float.BYTES);
    }

    /**
     * Adds a tensor of I64.
     *
     * @param name its name, not yet added
     * @param shape its sizes, outermost first
     * @param values its values, row-major
     * @return this writer
     * @throws IllegalArgumentException if the name is taken, or the shape is not that of the values
     */
    public SafetensorsWriter addLongs(String name, long[] shape, long[] values) {
        return put(name, Safetensors.Type.I64, shape, MemorySegment.ofArray(values), Long.BYTES);
    }

    /**
     * Adds a tensor of any type from the bytes that the file shall hold.
     *
     * @param name its name, not yet added
     * @param type what its values are
     * @param shape its sizes, outermost first
     * @param bytes its values, row-major, little-endian; must stay alive until {@link #write} has returned
     * @return this writer
     * @throws IllegalArgumentException if the name is taken, or the shape is not that of the bytes
     */
    public SafetensorsWriter addBytes(String name, Safetensors.Type type, long[] shape, MemorySegment bytes) {
        return put(name, type, shape, bytes, 1);
    }

    /**
     * Adds an entry of {@code __metadata__}.
     *
     * @param key its key, not yet there
     * @param value its value
     * @return this writer
     * @throws IllegalArgumentException if the key is taken
     */
    public SafetensorsWriter metadata(String key, String value) {
        if (metadata.putIfAbsent(key, value) != null) {
            throw new IllegalArgumentException("metadata key " + Text.quote(key) + " is there already");
        }
        return this;
    }

    /**
     * Writes the file, replacing it whole or not at all (see {@link AtomicFile}).
     *
     * @param path the file
     * @throws IOException if it cannot be written; what was there is then intact
     * @throws IllegalArgumentException if a name or the metadata is no valid Unicode, or the header exceeds the
     *     format's 100,000,000 bytes
     */
    public void write(Path path) throws IOException {
        byte[] header = header();
        AtomicFile.write(path, out -> {
            out.write(header);
            for (Tensor tensor : tensors.values()) {
                copy(tensor, out);
            }
        });
    }

    private SafetensorsWriter put(String name, Safetensors.Type type, long[] shape, MemorySegment values, int unit) {
        if (name.equals(SafetensorsHeader.METADATA)) {
            throw new IllegalArgumentException("no tensor can be called " + name);
        }
        if (tensors.containsKey(name)) {
            throw new IllegalArgumentException("tensor " + Text.quote(name) + " is there already");
        }
        long bits = type.bits();
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException(
                        "tensor " + Text.quote(name) + " has a negative size in its shape " + Arrays.toString(shape));
            }
            if (Math.multiplyHigh(bits, size) != 0 || bits * size < 0) {
                throw new IllegalArgumentException(
                        "tensor " + Text.quote(name) + " has a shape " + Arrays.toString(shape) + " that overflows");
            }
            bits *= size;
        }
        if (bits % Byte.SIZE != 0 || bits / Byte.SIZE != values.byteSize()) {
            throw new IllegalArgumentException("tensor " + Text.quote(name) + " of " + type + " and shape "
                    + Arrays.toString(shape) + " takes " + bits / 8.0 + " bytes, its values have "
                    + values.byteSize());
        }
        tensors.put(name, new Tensor(type, Arrays.stream(shape).boxed().toList(), values, unit));
        return this;
    }

    private byte[] header() {
        Map<String, Object> header = new LinkedHashMap<>();
        if (!metadata.isEmpty()) {
            header.put(SafetensorsHeader.METADATA, metadata);
        }
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Tensor tensor = entry.getValue();
            long end = Math.addExact(offset, tensor.values().byteSize());
            Map<String, Object> info = new LinkedHashMap<>();
            info.put("dtype", tensor.type().name());
            info.put("shape", tensor.shape());
            info.put("data_offsets", new ArrayList<>(List.of(offset, end)));
            header.put(entry.getKey(), info);
            offset = end;
        }
        return pad(Json.write(header));
    }

    private static byte[] pad(String json) {
        byte[] text;
        try {
            text = Text.utf8(json);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a tensor's name or the metadata has an unpaired surrogate", e);
        }
        int length = Math.ceilDiv(text.length, ALIGNMENT) * ALIGNMENT;
        if (length > SafetensorsHeader.MOST_BYTES) {
            throw new IllegalArgumentException(
                    "header of " + length + " bytes, more than the format's " + SafetensorsHeader.MOST_BYTES);
        }
        byte[] padded = new byte[Long.BYTES + length];
        Arrays.fill(padded, (byte) ' ');
        ByteBuffer.wrap(padded).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(text);
        return padded;
    }

    private static void copy(Tensor tensor, OutputStream out) throws IOException {
        MemorySegment values = tensor.values();
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, values.byteSize())];
        for (long at = 0; at < values.byteSize(); at += chunk.length) {
            int length = (int) Math.min(chunk.length, values.byteSize() - at);
            MemorySegment.copy(values, ValueLayout.JAVA_BYTE, at, chunk, 0, length);
            if (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN) {
                NpyArray.swapBytes(chunk, 0, length, tensor.unit());
            }
            out.write(chunk, 0, length);
        }
    }
}
