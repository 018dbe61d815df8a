package dev.gatun.file;

import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A {@code .npz} file: a ZIP of {@code .npy} files, each under its key. Entries with other endings are passed over.
 *
 * <p>What an entry declares is held against what deflate can make of its compressed bytes before anything is allocated,
 * against its array's own header, against the bytes that come out, and against its checksum.
 */
public final class Npz implements AutoCloseable {
    private static final String SUFFIX = ".npy";

    /** No deflate stream expands further (RFC 1951: 258 bytes from 2 bits), give or take its framing. */
    private static final long MOST_EXPANSION = 1032;

    private static final int FRAMING_BYTES = 64;

    /** The earliest time that a ZIP can hold: the same arrays make the same bytes. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private final Path path;
    private final ZipFile zip;
    private final Map<String, ZipEntry> entries;
    private volatile boolean closed;

    private Npz(Path path, ZipFile zip, Map<String, ZipEntry> entries) {
        this.path = path;
        this.zip = zip;
        this.entries = entries;
    }

    /**
     * Opens a file and reads its directory.
     *
     * @param path the file
     * @return the open file; the caller closes it
     * @throws FormatException if it is no ZIP, or has two entries of one name
     * @throws IOException if it cannot be read
     */
    public static Npz open(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "no such file");
        }
        if (!Files.isRegularFile(path)) {
            throw new FormatException(path, "is not a regular file");
        }
        ZipFile zip;
        try {
            zip = new ZipFile(path.toFile());
        } catch (ZipException | EOFException e) {
            throw new FormatException(path, "is not a .npz file: " + e.getMessage(), e);
        }
        try {
            return new Npz(path, zip, entries(path, zip));
        } catch (Throwable failure) {
            zip.close();
            throw failure;
        }
    }

    private static Map<String, ZipEntry> entries(Path path, ZipFile zip) throws FormatException {
        Map<String, ZipEntry> entries = new LinkedHashMap<>();
        Enumeration<? extends ZipEntry> all = zip.entries();
        while (all.hasMoreElements()) {
            ZipEntry entry;
            try {
                entry = all.nextElement();
            } catch (IllegalArgumentException e) {
                throw new FormatException(path, "has a damaged directory: " + e.getMessage(), e);
            }
            String name = entry.getName();
            if (name.endsWith(SUFFIX)
                    && entries.put(name.substring(0, name.length() - SUFFIX.length()), entry) != null) {
                throw new FormatException(path, "has two entries " + Text.quote(name));
            }
        }
        return entries;
    }

    /** The keys of the arrays, in the file's order. Read-only. */
    public Set<String> keys() {
        checkOpen();
        return Collections.unmodifiableSet(entries.keySet());
    }

    /**
     * Reads one array.
     *
     * @param key its key, without {@code .npy}
     * @return the array
     * @throws FormatException if there is no such key (the message lists those there are), or the entry is damaged
     * @throws IOException if the file cannot be read
     */
    public NpyArray read(String key) throws IOException {
        checkOpen();
        ZipEntry entry = entries.get(key);
        if (entry == null) {
            throw new FormatException(
                    path,
                    "has no array " + Text.quote(key) + "; it has "
                            + entries.keySet().stream().map(Text::quote).toList());
        }
        long size = entry.getSize();
        // Dividing instead of multiplying cannot overflow.
        if (size < 0 || (size - FRAMING_BYTES) / MOST_EXPANSION > Math.max(0, entry.getCompressedSize())) {
            throw fail(
                    key,
                    "declares " + size + " bytes, more than its " + entry.getCompressedSize()
                            + " compressed ones can hold");
        }
        try (InputStream raw = zip.getInputStream(entry)) {
            CheckedInputStream in = new CheckedInputStream(raw, new CRC32());
            NpyArray array = Npy.read(in, path, size, problem -> fail(key, problem));
            if (in.getChecksum().getValue() != entry.getCrc()) {
                throw fail(
                        key,
                        "is damaged: its checksum is "
                                + Long.toHexString(in.getChecksum().getValue()) + ", expected "
                                + Long.toHexString(entry.getCrc()));
            }
            return array;
        } catch (FormatException e) {
            throw e;
        } catch (IOException e) {
            throw new FormatException(path, "array " + Text.quote(key) + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Closes the file. Closing twice is fine; arrays that were read stay. */
    @Override
    public void close() throws IOException {
        closed = true;
        zip.close();
    }

    /**
     * Writes arrays, compressed, in the map's order, replacing the file whole or not at all (see {@link AtomicFile}).
     *
     * @param path the file
     * @param arrays the arrays by key, without {@code .npy}
     * @throws IOException if it cannot be written; what was there is then intact
     */
    public static void write(Path path, SequencedMap<String, NpyArray> arrays) throws IOException {
        AtomicFile.write(path, out -> {
            // Closing a ZIP closes what lies under it; that one is not ours to close.
            try (ZipOutputStream zip = new ZipOutputStream(new Unclosed(out))) {
                for (Map.Entry<String, NpyArray> array : arrays.entrySet()) {
                    ZipEntry entry = new ZipEntry(array.getKey() + SUFFIX);
                    entry.setTimeLocal(TIME);
                    zip.putNextEntry(entry);
                    Npy.write(zip, array.getValue());
                    zip.closeEntry();
                }
            }
        });
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(path + ": used after it was closed");
        }
    }

    private FormatException fail(String key, String problem) {
        return new FormatException(path, "array " + Text.quote(key) + " " + problem);
    }

    /** Passes everything on but the closing. */
    private static final class Unclosed extends FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
