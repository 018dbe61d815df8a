package dev.gatun.cli;

import dev.gatun.file.AtomicFile;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Scores of examples as a table. */
final class ScoreFile {
    private final Path file;
    private final boolean csv;

    private ScoreFile(Path file, boolean csv) {
        this.file = file;
        this.csv = csv;
    }

    /** A file, checked before the work begins. */
    static ScoreFile of(String out) throws IOException {
        String name = out.toLowerCase(Locale.ROOT);
        if (!name.endsWith(".csv") && !name.endsWith(".npy")) {
            throw new UsageException("--out: found '" + out + "', expected a file that ends in .csv or .npy");
        }
        return new ScoreFile(SampleFiles.outFile(out), name.endsWith(".csv"));
    }

    /** Writes the file, whole or not at all. */
    void write(List<ItemScores> sets) throws IOException {
        if (csv) {
            byte[] text = text(sets).getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(file, to -> to.write(text));
            return;
        }
        int columns = sets.getFirst().pValues() == null ? 2 : 3;
        int rows = sets.stream().mapToInt(set -> set.nats().length).sum();
        float[] table = new float[Math.multiplyExact(rows, columns)];
        int at = 0;
        for (ItemScores set : sets) {
            for (int i = 0; i < set.nats().length; i++) {
                table[at++] = (float) set.nats()[i];
                table[at++] = (float) set.bits(set.nats()[i]);
                if (set.pValues() != null) {
                    table[at++] = (float) set.pValues()[i];
                }
            }
        }
        Npy.write(file, NpyArray.ofFloats(new int[] {rows, columns}, table));
    }

    private static String text(List<ItemScores> sets) {
        boolean ranked = sets.getFirst().pValues() != null;
        StringBuilder text = new StringBuilder("set,item,nats,bits_per_dimension" + (ranked ? ",p_value\n" : "\n"));
        for (ItemScores set : sets) {
            for (int i = 0; i < set.nats().length; i++) {
                double nats = set.nats()[i];
                text.append(set.role() + "," + i + "," + nats + "," + set.bits(nats));
                if (set.pValues() != null) {
                    text.append(',').append(set.pValues()[i]);
                }
                text.append('\n');
            }
        }
        return text.toString();
    }
}
