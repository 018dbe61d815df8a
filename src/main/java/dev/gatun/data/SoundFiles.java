package dev.gatun.data;

import dev.gatun.file.FormatException;
import dev.gatun.file.WavReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** WAV files: one, those of a folder and its folders, or those of a ZIP, by their names in order. */
interface SoundFiles {
    /** No deflate stream expands further (RFC 1951), give or take its framing. */
    long MOST_EXPANSION = 1032;

    /** Takes a file, which it opens if it wants it. */
    interface Visitor {
        void visit(String name, Opening opening) throws IOException;
    }

    /** Opens a file. */
    interface Opening {
        WavReader open() throws IOException;
    }

    /** The names, sorted, with / between folders. */
    List<String> names() throws IOException;

    /** Visits some of the files. */
    void each(List<String> names, Visitor visitor) throws IOException;

    private static boolean isSound(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith(".wav");
    }

    /** A single file. */
    record Single(Path file) implements SoundFiles {
        @Override
        public List<String> names() {
            return List.of(file.toString());
        }

        @Override
        public void each(List<String> names, Visitor visitor) throws IOException {
            visitor.visit(file.toString(), () -> WavReader.open(file));
        }
    }

    /** A folder. */
    record Folder(Path folder) implements SoundFiles {
        @Override
        public List<String> names() throws IOException {
            try (Stream<Path> files = Files.walk(folder)) {
                return files.filter(Files::isRegularFile)
                        .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                        .filter(SoundFiles::isSound)
                        .sorted()
                        .toList();
            }
        }

        @Override
        public void each(List<String> names, Visitor visitor) throws IOException {
            for (String name : names) {
                visitor.visit(name, () -> WavReader.open(folder.resolve(name)));
            }
        }
    }

    /** A ZIP. */
    record Zip(Path file) implements SoundFiles {
        @Override
        public List<String> names() throws IOException {
            try (ZipFile zip = open()) {
                return zip.stream()
                        .map(ZipEntry::getName)
                        .filter(SoundFiles::isSound)
                        .sorted(Comparator.naturalOrder())
                        .toList();
            } catch (IllegalArgumentException e) {
                throw new FormatException(file, "has a damaged directory: " + e.getMessage());
            }
        }

        @Override
        public void each(List<String> names, Visitor visitor) throws IOException {
            try (ZipFile zip = open()) {
                for (String name : names) {
                    visitor.visit(name, () -> open(zip, name));
                }
            }
        }

        private ZipFile open() throws IOException {
            try {
                return new ZipFile(file.toFile());
            } catch (ZipException | EOFException e) {
                throw new FormatException(file, "is not a ZIP file: " + e.getMessage());
            }
        }

        private WavReader open(ZipFile zip, String name) throws IOException {
            ZipEntry entry = zip.getEntry(name);
            if (entry == null) {
                throw new FormatException(file, "has no entry '" + name + "'");
            }
            long size = entry.getSize();
            if (size < 0 || size / MOST_EXPANSION > entry.getCompressedSize() + 1) {
                throw new FormatException(
                        file,
                        "its entry '" + name + "' declares " + size + " bytes, more than its "
                                + entry.getCompressedSize() + " compressed ones can hold");
            }
            InputStream in = zip.getInputStream(entry);
            return WavReader.open(file.resolve(name), in, size);
        }
    }
}
