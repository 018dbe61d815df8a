package dev.gatun.file;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** Makes small files of images, good and otherwise. */
public final class ImageBytes {
    private ImageBytes() {}

    /** An IDX file of a type and sizes, with values that count up. */
    public static byte[] idx(int type, int values, int... shape) {
        ByteBuffer file = ByteBuffer.allocate(4 + 4 * shape.length + values);
        file.put((byte) 0).put((byte) 0).put((byte) type).put((byte) shape.length);
        for (int size : shape) {
            file.putInt(size);
        }
        for (int i = 0; i < values; i++) {
            file.put((byte) i);
        }
        return file.array();
    }

    public static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }

    /** A PNG of filtered lines, each of them a filter and bytes, in data chunks of some bytes. */
    public static byte[] png(int width, int height, int depth, int colour, byte[] lines, int chunk) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
        ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
        header.put((byte) depth).put((byte) colour);
        chunk(out, "IHDR", header.array(), 0, 13);
        chunk(out, "tEXt", new byte[] {'a', 0, 'b'}, 0, 3);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(packed)) {
            deflater.write(lines);
        }
        byte[] data = packed.toByteArray();
        for (int at = 0; at < data.length; at += chunk) {
            chunk(out, "IDAT", data, at, Math.min(chunk, data.length - at));
        }
        chunk(out, "IEND", new byte[0], 0, 0);
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream out, String name, byte[] data, int from, int count)
            throws IOException {
        byte[] type = name.getBytes(StandardCharsets.US_ASCII);
        CRC32 checksum = new CRC32();
        checksum.update(type);
        checksum.update(data, from, count);
        out.write(ByteBuffer.allocate(4).putInt(count).array());
        out.write(type);
        out.write(data, from, count);
        out.write(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
    }
}
