package dev.gatun.data;

import dev.gatun.file.FormatException;
import dev.gatun.file.Tar;
import java.io.BufferedInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Fetches a published file from an http, https or file address: into a file beside, {@code NAME.part}, which is renamed when its
 * size and SHA-256 are right. What was broken off goes on where it ended, if the server can do that.
 */
public final class Fetch {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int CONNECT_MILLIS = 30_000;
    private static final int READ_MILLIS = 60_000;

    private Fetch() {}

    /**
     * Fetches a file, unless it is there already.
     *
     * @param url where from
     * @param folder where to; its folders are made
     * @param progress is told how many bytes there are, from time to time
     * @return whether anything was fetched
     * @throws FormatException if what came is another file, which is then deleted
     * @throws IOException if it could not be fetched to its end; what came is kept, and another call goes on
     */
    public static boolean fetch(PublishedFile file, String url, Path folder, LongConsumer progress) throws IOException {
        Path target = folder.resolve(file.path());
        if (Files.isRegularFile(target)) {
            file.verify(target);
            return false;
        }
        Files.createDirectories(
                java.util.Objects.requireNonNull(target.toAbsolutePath().getParent()));
        Path part = target.resolveSibling(target.getFileName() + ".part");
        if (!Files.isRegularFile(part) || Files.size(part) < file.size()) {
            download(file, url, part, progress);
        }
        try {
            file.verify(part);
        } catch (FormatException e) {
            Files.delete(part);
            throw new FormatException(target, "what came from " + url + " is another file: " + e.problem());
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        return true;
    }

    /**
     * Takes the files of a form out of its archive, and checks them.
     *
     * @throws FormatException if the archive lacks one, or it is another
     */
    public static void unpack(NamedSet.Form form, PublishedFile archive, Path folder) throws IOException {
        Map<String, Path> wanted = new LinkedHashMap<>();
        for (PublishedFile file : form.files()) {
            Path target = folder.resolve(file.path());
            Files.createDirectories(
                    java.util.Objects.requireNonNull(target.toAbsolutePath().getParent()));
            wanted.put(file.path(), target);
        }
        Tar.unpack(folder.resolve(archive.path()), wanted);
        for (PublishedFile file : form.files()) {
            file.verify(folder.resolve(file.path()));
        }
    }

    private static void download(PublishedFile file, String url, Path part, LongConsumer progress) throws IOException {
        long have = Files.isRegularFile(part) ? Files.size(part) : 0;
        URLConnection connection = connect(url, have);
        long from = start(connection, url, have);
        try (InputStream in = new BufferedInputStream(connection.getInputStream(), BUFFER_BYTES);
                OutputStream out = new FileOutputStream(part.toFile(), from > 0)) {
            if (from > 0 && !(connection instanceof HttpURLConnection)) {
                in.skipNBytes(from);
            }
            long got = copy(in, out, from, file.size(), progress);
            if (got < file.size()) {
                throw new IOException(url + ": ended after " + got + " of " + file.size()
                        + " bytes, which are kept; the same command goes on");
            }
        }
    }

    private static URLConnection connect(String url, long have) throws IOException {
        URLConnection connection;
        try {
            connection = URI.create(url).toURL().openConnection();
        } catch (IllegalArgumentException e) {
            throw new IOException(url + ": is no address: " + e.getMessage(), e);
        }
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        if (have > 0) {
            connection.setRequestProperty("Range", "bytes=" + have + "-");
        }
        return connection;
    }

    /** Where what comes begins: where it was broken off, or at the beginning. */
    private static long start(URLConnection connection, String url, long have) throws IOException {
        if (!(connection instanceof HttpURLConnection http)) {
            return have;
        }
        int code = http.getResponseCode();
        if (code == HttpURLConnection.HTTP_OK) {
            return 0;
        }
        String range = http.getHeaderField("Content-Range");
        if (code == HttpURLConnection.HTTP_PARTIAL && range != null && range.startsWith("bytes " + have + "-")) {
            return have;
        }
        throw new IOException(url + ": the server answers " + code + (range == null ? "" : " with the range " + range));
    }

    /** Copies at most one byte more than is expected, which the check then sees. */
    private static long copy(InputStream in, OutputStream out, long from, long size, LongConsumer progress)
            throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long got = from;
        while (got <= size) {
            int count = in.read(buffer, 0, (int) Math.min(buffer.length, size + 1 - got));
            if (count < 0) {
                break;
            }
            out.write(buffer, 0, count);
            got += count;
            progress.accept(got);
        }
        return got;
    }
}
