package dev.gatun.file;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.gatun.file.Safetensors.Info;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The header of a safetensors file: 8 bytes of little-endian length, then a JSON object padded with spaces.
 *
 * <p>It is read token by token, not as a tree, so that a hostile header is refused at its first wrong token and costs
 * no more memory than tensors that are truly described.
 *
 * @param dataBytes the bytes of the file that follow the header
 */
record SafetensorsHeader(Map<String, String> metadata, SequencedMap<String, Info> tensors, long dataBytes) {
    /** The format's own limit on a header. */
    static final int MOST_BYTES = 100_000_000;

    static final String METADATA = "__metadata__";

    private static final int MOST_DIMENSIONS = 64;
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Reads and checks the header of a mapped file of at least 8 bytes. */
    static SafetensorsHeader read(Path path, MemorySegment file) throws FormatException {
        long length = file.get(LENGTH, 0);
        long rest = file.byteSize() - Long.BYTES;
        if (length < 0 || length > MOST_BYTES) {
            throw new FormatException(
                    path,
                    "header of " + Long.toUnsignedString(length) + " bytes, more than the format's " + MOST_BYTES);
        }
        if (length > rest) {
            throw new FormatException(
                    path, "header of " + length + " bytes, but the file ends " + rest + " bytes after its length");
        }
        byte[] bytes = file.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        return new Reader(path, rest - length).read(bytes);
    }

    /** The state of reading one header. */
    private static final class Reader {
        private final Path path;
        private final long dataBytes;
        private final SequencedMap<String, Info> tensors = new LinkedHashMap<>();
        private @Nullable Map<String, String> metadata;

        Reader(Path path, long dataBytes) {
            this.path = path;
            this.dataBytes = dataBytes;
        }

        SafetensorsHeader read(byte[] bytes) throws FormatException {
            if (bytes.length == 0 || bytes[0] != '{') {
                throw fail("header does not begin with '{'");
            }
            parse(decode(bytes));
            checkLayout();
            return new SafetensorsHeader(
                    Collections.unmodifiableMap(metadata == null ? Map.of() : metadata),
                    Collections.unmodifiableSequencedMap(tensors),
                    dataBytes);
        }

        private String decode(byte[] bytes) throws FormatException {
            int end = bytes.length;
            while (bytes[end - 1] == ' ') {
                end--;
            }
            if (bytes[end - 1] != '}') {
                throw fail("header does not end with '}' and spaces");
            }
            try {
                return Text.utf8(Arrays.copyOf(bytes, end));
            } catch (CharacterCodingException e) {
                throw new FormatException(path, "header is not UTF-8", e);
            }
        }

        private void parse(String text) throws FormatException {
            try (JsonParser parser = Json.FACTORY.createParser(text)) {
                parser.nextToken();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    parser.nextToken();
                    if (name.equals(METADATA)) {
                        readMetadata(parser);
                    } else if (tensors.containsKey(name)) {
                        throw fail("header has tensor " + Text.quote(name) + " twice");
                    } else {
                        tensors.put(name, readTensor(parser, name));
                    }
                }
                if (parser.nextToken() != null) {
                    throw fail("header goes on after its object" + Json.where(parser));
                }
            } catch (JsonProcessingException e) {
                throw new FormatException(path, "header is " + Json.problem(e), e);
            } catch (FormatException e) {
                throw e;
            } catch (IOException e) {
                throw new FormatException(path, "header cannot be read: " + e.getMessage(), e);
            }
        }

        private void readMetadata(JsonParser parser) throws IOException {
            if (metadata != null) {
                throw fail("header has " + METADATA + " twice");
            }
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                throw fail(METADATA + " is " + describe(parser) + ", expected an object of strings");
            }
            metadata = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                if (parser.nextToken() != JsonToken.VALUE_STRING) {
                    throw fail(METADATA + "." + Text.quote(key) + " is " + describe(parser) + ", expected a string");
                }
                if (metadata.put(key, parser.getText()) != null) {
                    throw fail(METADATA + " has key " + Text.quote(key) + " twice");
                }
            }
        }

        private Info readTensor(JsonParser parser, String name) throws IOException {
            String tensor = "tensor " + Text.quote(name);
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                throw fail(tensor + " is " + describe(parser) + ", expected an object");
            }
            Safetensors.Type type = null;
            long[] shape = null;
            long[] offsets = null;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                parser.nextToken();
                switch (key) {
                    case "dtype" -> type = once(tensor, key, type, readType(parser, tensor));
                    case "shape" -> shape = once(tensor, key, shape, readSizes(parser, tensor, key));
                    case "data_offsets" -> offsets = once(tensor, key, offsets, readSizes(parser, tensor, key));
                    default -> throw fail(tensor + " has an unknown key " + Text.quote(key));
                }
            }
            if (type == null || shape == null || offsets == null) {
                throw fail(tensor + " lacks " + (type == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
            }
            return checkTensor(tensor, name, type, shape, offsets);
        }

        private <T> T once(String tensor, String key, @Nullable T before, T value) throws FormatException {
            if (before != null) {
                throw fail(tensor + " has key '" + key + "' twice");
            }
            return value;
        }

        private Safetensors.Type readType(JsonParser parser, String tensor) throws IOException {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                throw fail(tensor + " has dtype " + describe(parser) + ", expected a string");
            }
            String text = parser.getText();
            for (Safetensors.Type type : Safetensors.Type.values()) {
                if (type.name().equals(text)) {
                    return type;
                }
            }
            throw fail(tensor + " has an unknown dtype " + Text.quote(text));
        }

        private long[] readSizes(JsonParser parser, String tensor, String key) throws IOException {
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                throw fail(tensor + " has " + key + " " + describe(parser) + ", expected an array of whole numbers");
            }
            List<Long> sizes = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
                        || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        || parser.getText().charAt(0) == '-') {
                    throw fail(tensor + " has " + describe(parser) + " in its " + key
                            + ", expected whole numbers from 0 to 2^63-1");
                }
                if (sizes.size() == MOST_DIMENSIONS) {
                    throw fail(tensor + " has more than " + MOST_DIMENSIONS + " numbers in its " + key);
                }
                sizes.add(parser.getLongValue());
            }
            return sizes.stream().mapToLong(Long::longValue).toArray();
        }

        private Info checkTensor(String tensor, String name, Safetensors.Type type, long[] shape, long[] offsets)
                throws FormatException {
            if (offsets.length != 2) {
                throw fail(tensor + " has " + offsets.length + " data_offsets, expected 2");
            }
            String range = Arrays.toString(offsets);
            if (offsets[0] > offsets[1]) {
                throw fail(tensor + " has data_offsets " + range + " that end before they begin");
            }
            if (offsets[1] > dataBytes) {
                throw fail(tensor + " has data_offsets " + range + ", but only " + dataBytes
                        + " bytes follow the header: the file is cut short");
            }
            long expected = bytesOf(tensor, type, shape);
            long bytes = offsets[1] - offsets[0];
            if (bytes != expected) {
                throw fail(tensor + " has data_offsets " + range + " of " + bytes + " bytes, but " + type + " of shape "
                        + Arrays.toString(shape) + " takes " + expected);
            }
            return new Info(name, type, shape, offsets[0], bytes);
        }

        private long bytesOf(String tensor, Safetensors.Type type, long[] shape) throws FormatException {
            long bits = type.bits();
            try {
                long count = 1;
                for (long size : shape) {
                    count = Math.multiplyExact(count, size);
                }
                bits = Math.multiplyExact(bits, count);
            } catch (ArithmeticException e) {
                throw new FormatException(
                        path, tensor + " has a shape " + Arrays.toString(shape) + " whose size overflows 64 bits", e);
            }
            if (bits % Byte.SIZE != 0) {
                throw fail(tensor + " of " + type + " and shape " + Arrays.toString(shape) + " ends within a byte");
            }
            return bits / Byte.SIZE;
        }

        /** Every byte after the header belongs to exactly one tensor. */
        private void checkLayout() throws FormatException {
            List<Info> sorted = new ArrayList<>(tensors.values());
            sorted.sort(Comparator.comparingLong(Info::offset).thenComparingLong(Info::bytes));
            long end = 0;
            String before = "the header";
            for (Info info : sorted) {
                String tensor = "tensor " + Text.quote(info.name());
                if (info.offset() < end) {
                    throw fail(tensor + " begins at byte " + info.offset() + " and overlaps " + before
                            + ", which ends at " + end);
                }
                if (info.offset() > end) {
                    throw fail(tensor + " begins at byte " + info.offset() + ", leaving a hole after " + before
                            + ", which ends at " + end);
                }
                end = info.offset() + info.bytes();
                before = tensor;
            }
            if (end != dataBytes) {
                throw fail(dataBytes + " bytes follow the header, but its tensors end at " + end
                        + ": the file is longer than it says");
            }
        }

        private String describe(JsonParser parser) throws IOException {
            JsonToken token = parser.currentToken();
            return switch (token) {
                case null -> "nothing";
                case START_OBJECT -> "an object";
                case START_ARRAY -> "an array";
                case VALUE_STRING -> "the string " + Text.quote(parser.getText());
                default -> Text.quote(parser.getText());
            };
        }

        private FormatException fail(String problem) {
            return new FormatException(path, problem);
        }
    }
}
