package dev.gatun.code;

import dev.gatun.Condition;
import dev.gatun.Model;
import dev.gatun.file.FormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * What a file begins with.
 *
 * @param examples how many
 * @param length positions of each
 * @param group examples that are coded side by side
 */
record Header(int examples, int length, int group) {
    /** The most bytes that a header has. */
    static final int MOST_BYTES = 64;

    /** The most examples side by side, which bounds what a decoder needs. */
    static final int MOST_TOGETHER = 256;

    private static final byte[] MAGIC = {'G', 'T', 'N', 26};
    private static final byte VERSION = 1;

    /** The order of sums, and the functions of which outputs and frequencies are made. */
    private static final byte NUMERICS = 1;

    private static final int OF_MODEL = 16;
    private static final int OF_CONDITION = 8;

    /** The header's bytes. */
    byte[] write(Model model, Condition condition) {
        ByteBuffer to = ByteBuffer.allocate(MOST_BYTES);
        to.put(MAGIC).put(VERSION).put(NUMERICS).put(model.fingerprint(), 0, OF_MODEL);
        Numbers.put(to, examples);
        Numbers.put(to, length);
        Numbers.put(to, group);
        boolean conditioned = condition.rows() > 0;
        to.put((byte) (conditioned ? 1 : 0));
        if (conditioned) {
            to.put(condition.fingerprint(), 0, OF_CONDITION);
        }
        to.putInt(crc(to.array(), 0, to.position()));
        return Arrays.copyOf(to.array(), to.position());
    }

    /**
     * Reads a header and leaves the buffer behind it.
     *
     * @throws FormatException if it is none, of another version, model or condition
     */
    static Header read(Path file, ByteBuffer from, Model model, Condition condition) throws FormatException {
        try {
            return readWhole(file, from, model, condition);
        } catch (java.nio.BufferUnderflowException e) {
            throw cutOff(file);
        }
    }

    private static Header readWhole(Path file, ByteBuffer from, Model model, Condition condition)
            throws FormatException {
        Prints prints = readPrints(file, from);
        prints.header.check(file, model);
        checkModel(file, prints.model, model);
        checkCondition(file, prints.condition, condition);
        return prints.header;
    }

    /**
     * Reads the shape alone, whatever the model.
     *
     * @throws FormatException if it is none, or of another version
     */
    static Header shape(Path file, ByteBuffer from) throws FormatException {
        try {
            return readPrints(file, from).header;
        } catch (java.nio.BufferUnderflowException e) {
            throw cutOff(file);
        }
    }

    /** A header and the fingerprints in it. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, not kept
    private record Prints(Header header, byte[] model, byte[] condition) {}

    private static FormatException cutOff(Path file) {
        return new FormatException(file, "ends in its header: it is cut off, or no file that 'compress' wrote");
    }

    private static Prints readPrints(Path file, ByteBuffer from) throws FormatException {
        byte[] magic = new byte[MAGIC.length];
        from.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new FormatException(file, "is no file that 'compress' wrote: it does not begin with GTN");
        }
        require(file, "version", from.get(), VERSION);
        require(file, "numerics", from.get(), NUMERICS);
        byte[] ofModel = new byte[OF_MODEL];
        from.get(ofModel);
        Header header = new Header(
                Numbers.get(file, from, "examples"),
                Numbers.get(file, from, "positions"),
                Numbers.get(file, from, "examples in a group"));
        byte[] ofCondition = new byte[from.get() == 0 ? 0 : OF_CONDITION];
        from.get(ofCondition);
        int end = from.position();
        CRC32 crc = new CRC32();
        crc.update(from.duplicate().flip().limit(end));
        if (from.getInt() != (int) crc.getValue()) {
            throw new FormatException(file, "its header was altered: the checksum is another");
        }
        return new Prints(header, ofModel, ofCondition);
    }

    private static void require(Path file, String what, int found, int expected) throws FormatException {
        if (found != expected) {
            throw new FormatException(
                    file, what + ": found " + found + ", expected " + expected + ", the only one known");
        }
    }

    private void check(Path file, Model model) throws FormatException {
        int own = model.config().data().length().orElse(length);
        if (examples < 1 || length < 1 || group < 1 || group > MOST_TOGETHER || own != length) {
            throw new FormatException(
                    file,
                    "header: found " + this + ", expected examples of " + own + " positions, and groups of 1 to "
                            + MOST_TOGETHER);
        }
    }

    private static void checkModel(Path file, byte[] found, Model model) throws FormatException {
        byte[] expected = Arrays.copyOf(model.fingerprint(), OF_MODEL);
        if (!Arrays.equals(found, expected)) {
            HexFormat hex = HexFormat.of();
            throw new FormatException(
                    file,
                    "was coded by another model, or by this one in another precision than " + model.precision()
                            + ": found " + hex.formatHex(found) + ", expected this model's fingerprint, "
                            + hex.formatHex(expected));
        }
    }

    private static void checkCondition(Path file, byte[] found, Condition condition) throws FormatException {
        byte[] expected = condition.rows() == 0 ? new byte[0] : Arrays.copyOf(condition.fingerprint(), OF_CONDITION);
        if (!Arrays.equals(found, expected)) {
            throw new FormatException(
                    file,
                    found.length == 0
                            ? "was coded without a condition, and one is given"
                            : "was coded under another condition than that which is given");
        }
    }

    static int crc(byte[] bytes, int offset, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
