package dev.gatun.data;

import dev.gatun.Examples;
import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A text in UTF-8: one example, in the characters of a model of text. */
record TextFile(Path file) implements DataSet {
    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public List<Split> splits() {
        return List.of();
    }

    @Override
    public Examples read(Split split, DataSpec data) throws IOException {
        DataSets.demand(this, split);
        if (!(data instanceof DataSpec.Text text)) {
            throw new FormatException(
                    file, "is text, expected data of kind \"" + data.kind() + "\" (.npy, .npz or .csv)");
        }
        int[] levels = new Vocabulary(text).encode(file, content());
        if (levels.length == 0) {
            throw new FormatException(file, "is empty");
        }
        return Examples.ofLevels(1, levels.length, levels);
    }

    private String content() throws IOException {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw new FormatException(file, "is not UTF-8 text");
        }
    }
}
