package dev.gatun.code;

import java.util.zip.CRC32;

/**
 * An entry of the index.
 *
 * @param examples of the chunk
 * @param bytes of it
 * @param crc of these
 * @param levelsCrc of what they decode to
 */
record Chunk(int examples, int bytes, int crc, int levelsCrc) {
    /** The checksum of levels. */
    static final class LevelsCrc {
        private final CRC32 crc = new CRC32();
        private byte[] bytes = new byte[0];

        void add(int[] levels, int count) {
            if (bytes.length < count * Integer.BYTES) {
                bytes = new byte[count * Integer.BYTES];
            }
            java.nio.ByteBuffer.wrap(bytes)
                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                    .asIntBuffer()
                    .put(levels, 0, count);
            crc.update(bytes, 0, count * Integer.BYTES);
        }

        int value() {
            return (int) crc.getValue();
        }
    }
}
