package dev.gatun.data;

import dev.gatun.file.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A published set of data: known by its name, read from files that a user has, which are checked against what was published.
 *
 * @param name what a user calls it
 * @param title what it is and who published it
 * @param splits how it is divided
 * @param licence what is known of its licence
 * @param forms the files that it is known as; the first is the published one
 */
public record NamedSet(String name, String title, String splits, String licence, List<Form> forms) {
    /** Opens a set whose files have been found and checked. */
    interface Opener {
        DataSet open(Path folder, Reading reading) throws IOException;
    }

    /**
     * Files that together are a set.
     *
     * @param files all of them are needed
     * @param archive a .tar.gz that holds the files, as it is published; null if they are published one by one
     */
    public record Form(List<PublishedFile> files, @Nullable PublishedFile archive, Opener opener) {
        static Form of(Opener opener, PublishedFile... files) {
            return new Form(List.of(files), null, opener);
        }
    }

    /**
     * A folder with a whole form.
     *
     * @param folder where the files are
     */
    public record Found(Form form, Path folder) {}

    /**
     * Opens the set.
     *
     * @throws NoSuchFileException if its files are not in the folder, or none is said: the message has the files, sizes and
     *     checksums that are expected
     * @throws FormatException if a file is there and is another one
     */
    public DataSet open(Reading reading) throws IOException {
        Path folder = reading.folder();
        if (folder == null) {
            throw new NoSuchFileException(
                    name,
                    null,
                    "is a published set; say where its files are by --data-dir or " + Reading.VARIABLE + ". "
                            + expected());
        }
        Found found = find(folder);
        return found.form().opener().open(found.folder(), reading);
    }

    /**
     * Finds and checks the files, in {@code folder/NAME} and in the folder itself.
     *
     * @throws NoSuchFileException if no form is there as a whole
     * @throws FormatException if all files of one are there, but one is another
     */
    public Found find(Path folder) throws IOException {
        FormatException wrong = null;
        List<String> missing = new ArrayList<>();
        for (Form form : forms) {
            for (Path place : List.of(folder.resolve(name), folder)) {
                List<String> absent = form.files().stream()
                        .map(PublishedFile::path)
                        .filter(path -> !Files.isRegularFile(place.resolve(path)))
                        .toList();
                if (!absent.isEmpty()) {
                    if (absent.size() < form.files().size()) {
                        missing.add(place + " lacks " + String.join(", ", absent));
                    }
                    continue;
                }
                try {
                    for (PublishedFile file : form.files()) {
                        file.verify(place.resolve(file.path()));
                    }
                    return new Found(form, place);
                } catch (FormatException e) {
                    wrong = wrong == null ? e : wrong;
                }
            }
        }
        if (wrong != null) {
            throw new FormatException(wrong.file(), "is not the published file of " + name + ": " + wrong.problem());
        }
        String partly = missing.isEmpty() ? "" : " (" + String.join("; ", missing) + ")";
        throw new NoSuchFileException(
                name, null, "its files are not in " + folder + partly + ". " + expected() + fetchable());
    }

    private String expected() {
        return forms.stream()
                .map(form -> form.files().stream().map(PublishedFile::describe).collect(Collectors.joining(", ")))
                .collect(Collectors.joining("; or ", "Expected: ", "."));
    }

    private String fetchable() {
        return published().isEmpty() ? "" : " 'gatun fetch-data " + name + "' gets them.";
    }

    /** The files that can be fetched to have the set; empty if its publisher has it in no form that is read. */
    public List<PublishedFile> published() {
        for (Form form : forms) {
            if (form.archive() != null) {
                return List.of(form.archive());
            }
            if (form.files().stream().allMatch(file -> file.url() != null)) {
                return form.files();
            }
        }
        return List.of();
    }
}
