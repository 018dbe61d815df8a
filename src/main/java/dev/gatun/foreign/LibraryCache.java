package dev.gatun.foreign;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where libraries from jars are unpacked: {@code <folder>/<SHA-256>/<library>}, folders and files of this user alone.
 *
 * <p>A library is written once, into a folder that is then renamed; whoever comes later, in this process or another,
 * finds it whole and takes it as it is.
 */
final class LibraryCache {
    static final String VARIABLE = "GATUN_CACHE";

    private final Path folder;
    private final String user;
    private final LibrarySearch.Names names;

    /** @param user the name of who runs this process: nobody else's files are taken */
    LibraryCache(Path folder, String user, LibrarySearch.Names names) {
        this.folder = folder.toAbsolutePath();
        this.user = user;
        this.names = names;
    }

    /** {@code $GATUN_CACHE}, else {@code $XDG_CACHE_HOME/gatun}, else {@code ~/.cache/gatun}. */
    static Path folder(Function<String, @Nullable String> properties, Function<String, @Nullable String> environment) {
        String own = environment.apply(VARIABLE);
        if (own != null && !own.isBlank()) {
            return Path.of(own);
        }
        String shared = environment.apply("XDG_CACHE_HOME");
        if (shared != null && !shared.isBlank()) {
            return Path.of(shared, "gatun");
        }
        String home = properties.apply("user.home");
        if (home == null || home.isBlank() || home.equals("?")) {
            throw new NativeLibraryException(
                    "There is no home folder to unpack the native library into: name a folder of your own in "
                            + VARIABLE);
        }
        return Path.of(home, ".cache", "gatun");
    }

    /** The file of this library, unpacked where it is not there yet. {@code hash} begins with 64 hexadecimal digits. */
    Path unpack(URL library, URL hash) throws IOException {
        String expected = readHash(hash);
        Path target = folder.resolve(expected);
        Path file = target.resolve(names.file());
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            try {
                write(library, expected, target);
            } catch (IOException e) {
                throw new NativeLibraryException(
                        "The native library cannot be unpacked into " + folder + " (" + describe(e) + "): name a folder"
                                + " of your own that can be written in " + VARIABLE + ", or unpack "
                                + Platform.current().resource(names.file())
                                + " from the jar by hand and name it with -D"
                                + names.property() + "=<path>",
                        e);
            }
        }
        requireOwn(folder);
        requireOwn(target);
        requireOwn(file);
        requireWhole(file, library);
        return file;
    }

    private static String readHash(URL hash) throws IOException {
        try (InputStream in = open(hash).getInputStream()) {
            String text = new String(in.readNBytes(64), StandardCharsets.US_ASCII);
            if (!text.matches("[0-9a-f]{64}")) {
                throw new NativeLibraryException(
                        hash + " holds '" + text + "' where 64 hexadecimal digits were expected: build the jar again");
            }
            return text;
        }
    }

    private void write(URL library, String expected, Path target) throws IOException {
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(folder, ownerOnly);
        requireOwn(folder);
        Path draft = Files.createTempDirectory(folder, "unpacking", ownerOnly);
        Path file = draft.resolve(names.file());
        try {
            Files.createFile(file, ownerOnly);
            String found = copy(library, file);
            if (!found.equals(expected)) {
                throw new NativeLibraryException("The native library " + library + " is damaged: its SHA-256 is "
                        + found + ", expected " + expected + "; get the jar again");
            }
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            // Somebody else was faster: theirs is as good. Anything else is a failure.
            if (!Files.exists(target.resolve(names.file()), LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(draft);
        }
    }

    private static String copy(URL library, Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        try (InputStream in = open(library).getInputStream();
                OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
            in.transferTo(out);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void requireWhole(Path file, URL library) throws IOException {
        long expected = open(library).getContentLengthLong();
        long found = Files.size(file);
        if (found != expected) {
            throw new NativeLibraryException(file + " has " + found + " bytes, expected " + expected
                    + ": it was changed after it was unpacked; delete " + file.getParent());
        }
    }

    /** Refuses what somebody else could have put there or could change, links among them. */
    private void requireOwn(Path path) throws IOException {
        var attributes = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String owner = attributes.owner().getName();
        if (attributes.isSymbolicLink() || !owner.equals(user)) {
            throw new NativeLibraryException("Code is not loaded from " + path + ", which "
                    + (attributes.isSymbolicLink() ? "is a link" : "belongs to " + owner + ", not to " + user)
                    + ": name a folder of your own in " + VARIABLE);
        }
        var permissions = attributes.permissions();
        if (permissions.contains(PosixFilePermission.OTHERS_WRITE)
                || permissions.contains(PosixFilePermission.GROUP_WRITE)) {
            throw new NativeLibraryException("Code is not loaded from " + path + ", which others can write to ("
                    + PosixFilePermissions.toString(permissions) + "): name a folder of your own in " + VARIABLE);
        }
    }

    /** By the owner of the process where the system shows it: a user without a name has no useful user.name. */
    static String currentUser() throws IOException {
        Path self = Path.of("/proc/self");
        return Files.exists(self) ? Files.getOwner(self).getName() : System.getProperty("user.name", "?");
    }

    private static URLConnection open(URL url) throws IOException {
        URLConnection connection = url.openConnection();
        connection.setUseCaches(false);
        return connection;
    }

    private static String describe(IOException e) {
        String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        return reason != null ? reason : e.getClass().getSimpleName();
    }
}
