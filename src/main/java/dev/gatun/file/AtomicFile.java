package dev.gatun.file;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Replaces a file whole or not at all: the new contents are written to a temporary file beside the target, forced to
 * the disk, and renamed onto it. Whoever opens the target sees the old contents or the new ones, also after a crash.
 */
public final class AtomicFile {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int MOST_LINKS = 40;
    private static final int LONGEST_STEM = 40;

    private AtomicFile() {}

    /** What goes into the file. */
    @FunctionalInterface
    public interface Body {
        /**
         * Writes the whole contents; the stream is buffered and is closed by the caller.
         *
         * @param out the stream to write to
         * @throws IOException if the contents cannot be made or written; the target then keeps what it had
         */
        void write(OutputStream out) throws IOException;
    }

    /**
     * Writes a file. A symbolic link stays, and what it points to is replaced; the permissions of an existing file are
     * kept. If anything fails the temporary file is deleted and the target is as it was. A target that is no regular
     * file (a pipe, a terminal, {@code /dev/null}) cannot be replaced and is written to directly.
     *
     * @param target the file to create or replace
     * @param body writes the contents
     * @throws IOException if it cannot be written; the message names the target
     */
    public static void write(Path target, Body body) throws IOException {
        try {
            if (Files.isDirectory(target)) {
                throw new IOException("it is a folder");
            }
            if (Files.exists(target) && !Files.isRegularFile(target)) {
                writeDirectly(target, body);
            } else {
                replace(followLinks(target), body);
            }
        } catch (IOException e) {
            throw new IOException(target + ": cannot be written: " + Text.reason(e), e);
        }
    }

    private static void writeDirectly(Path target, Body body) throws IOException {
        try (OutputStream out =
                new BufferedOutputStream(Files.newOutputStream(target, StandardOpenOption.WRITE), BUFFER_BYTES)) {
            body.write(out);
        }
    }

    private static Path followLinks(Path target) throws IOException {
        Path file = target.toAbsolutePath();
        for (int links = 0; Files.isSymbolicLink(file); links++) {
            if (links == MOST_LINKS) {
                throw new IOException("its symbolic links go in a circle");
            }
            file = file.resolveSibling(Files.readSymbolicLink(file));
        }
        return file;
    }

    private static void replace(Path file, Body body) throws IOException {
        Path folder = file.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException("there is no folder " + folder);
        }
        boolean exists = Files.exists(file);
        if (exists && !Files.isWritable(file)) {
            // A rename needs the folder's permission alone; whoever made the file read-only meant it.
            throw new IOException("the file that is there is read-only");
        }
        Path temporary = createBeside(file, exists);
        try {
            fill(temporary, body);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (Throwable failure) {
            deleteAfter(failure, temporary);
            throw failure;
        }
        forceFolder(folder);
    }

    private static Path createBeside(Path file, boolean exists) throws IOException {
        String name = String.valueOf(file.getFileName());
        String stem = name.substring(0, name.offsetByCodePoints(0, Math.min(LONGEST_STEM, countCodePoints(name))));
        String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        Path temporary = file.resolveSibling("." + stem + "." + random + ".tmp");
        if (!exists || Files.getFileAttributeView(file, PosixFileAttributeView.class) == null) {
            return Files.createFile(temporary);
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        // Never wider than the old file, not even for a moment; what the process's mask took away is put back after.
        FileAttribute<Set<PosixFilePermission>> narrow = PosixFilePermissions.asFileAttribute(permissions);
        Files.createFile(temporary, narrow);
        try {
            Files.setPosixFilePermissions(temporary, permissions);
        } catch (IOException e) {
            deleteAfter(e, temporary);
            throw e;
        }
        return temporary;
    }

    private static int countCodePoints(String name) {
        return name.codePointCount(0, name.length());
    }

    private static void fill(Path temporary, Body body) throws IOException {
        // Not a FileChannel: those close under a thread that is interrupted, and an interrupted training saves.
        try (FileOutputStream file = new FileOutputStream(temporary.toFile())) {
            BufferedOutputStream out = new BufferedOutputStream(file, BUFFER_BYTES);
            body.write(out);
            out.flush();
            file.getFD().sync();
        }
    }

    private static void deleteAfter(Throwable failure, Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Makes the rename itself last. The file is complete either way, so systems that cannot do this are let off. */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            System.getLogger(AtomicFile.class.getName())
                    .log(System.Logger.Level.DEBUG, "{0}: the folder cannot be forced to the disk", folder);
        }
    }
}
