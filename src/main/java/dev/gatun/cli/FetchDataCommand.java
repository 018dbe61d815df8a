package dev.gatun.cli;

import dev.gatun.data.Fetch;
import dev.gatun.data.NamedSet;
import dev.gatun.data.NamedSets;
import dev.gatun.data.PublishedFile;
import dev.gatun.data.Reading;
import dev.gatun.file.FormatException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fetches the files of a published set. */
@Command(
        name = "fetch-data",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Fetches the files of a published set of data from its publisher or a mirror, says from where, and checks"
                        + " sizes and SHA-256. What was broken off goes on. No other command fetches anything.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun fetch-data mnist --data-dir data",
            "  gatun fetch-data cifar10 --data-dir data --url file:///mirror/cifar-10-binary.tar.gz",
            "  GATUN_DATA=data gatun fetch-data shakespeare",
            "",
            "Addresses may move; the checksums are what counts. Licences are the publishers'.",
        })
final class FetchDataCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "NAME", description = "The set; 'gatun data' lists them.")
    private String name = "";

    @Option(
            names = "--data-dir",
            paramLabel = "D",
            description = "Where to: the files come into D/NAME. If not given, the environment's GATUN_DATA.")
    private @Nullable Path folder;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "Another address (http, https, file): of the file, or, ending in /, of the folder that has the files.")
    private @Nullable String url;

    FetchDataCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        NamedSet set = NamedSets.find(name);
        if (set == null) {
            throw new UsageException("NAME: found '" + name + "', expected one of "
                    + NamedSets.list().stream().map(NamedSet::name).toList());
        }
        return fetch(set);
    }

    /** Fetches a set. */
    int fetch(NamedSet set) throws IOException {
        Path into = folder != null ? folder : Reading.plain().folder();
        if (into == null) {
            throw new UsageException("--data-dir: is needed where the environment has no " + Reading.VARIABLE);
        }
        NamedSet.Found there = found(set, into);
        if (there != null) {
            console.out().println(set.name() + ": is in " + there.folder() + " already, and as published");
            return 0;
        }
        NamedSet.Form form = set.forms().getFirst();
        PublishedFile archive = form.archive();
        List<PublishedFile> files = archive != null ? List.of(archive) : form.files();
        Path own = into.resolve(set.name());
        for (PublishedFile file : files) {
            one(set, file, address(set, file, files.size()), own);
        }
        if (archive != null) {
            Fetch.unpack(form, archive, own);
            console.out().println("unpacked " + form.files().size() + " files");
        }
        console.out().println(set.name() + ": is in " + own);
        return 0;
    }

    private static NamedSet.@Nullable Found found(NamedSet set, Path folder) throws IOException {
        try {
            return set.find(folder);
        } catch (NoSuchFileException e) {
            return null;
        } catch (FormatException e) {
            // Files of these names that lie in the folder may be another set's; those in its own folder may not.
            if (e.file().startsWith(folder.resolve(set.name()))) {
                throw e;
            }
            return null;
        }
    }

    private String address(NamedSet set, PublishedFile file, int files) {
        if (url == null) {
            if (file.url() == null) {
                throw new UsageException(set.name() + ": is published nowhere as " + file.path()
                        + ", the form that is read; --url says where it can be had. Expected: " + file.describe());
            }
            return Objects.requireNonNull(file.url());
        }
        if (!url.endsWith("/") && files > 1) {
            throw new UsageException("--url: found '" + url + "', expected a folder's address, ending in /, for "
                    + set.name() + " has " + files + " files");
        }
        return url.endsWith("/") ? url + file.path() : url;
    }

    private void one(NamedSet set, PublishedFile file, String from, Path into) throws IOException {
        console.out().println(from);
        console.out()
                .println("  " + Numbers.grouped(file.size()) + " bytes, SHA-256 " + file.sha256() + "; licence: "
                        + set.licence());
        try (Progress progress = new Progress(console, "bytes", file.size(), 1)) {
            boolean fetched = Fetch.fetch(file, from, into, progress::done);
            console.out().println("  " + (fetched ? "fetched and checked" : "is there already, checked"));
        }
    }
}
