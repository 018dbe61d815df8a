package dev.gatun.data;

import dev.gatun.data.NamedSet.Form;
import java.nio.file.Path;
import java.util.List;

/** Published texts and sounds. */
final class NamedSequences {
    private static final int TEST_BEFORE = 5;
    private static final int VALID_FROM = 45;

    private NamedSequences() {}

    static NamedSet shakespeare() {
        return text(
                "shakespeare",
                "tiny Shakespeare, 1,115,394 characters, 65 different ones (A. Karpathy, char-rnn)",
                "test: the last 10 % of the text; valid: the 5 % before; train: what is before that",
                "the text is in the public domain",
                TextSet.Division.TAIL,
                new PublishedFile(
                        "tinyshakespeare.txt",
                        1_115_394,
                        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
                        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"));
    }

    static NamedSet names() {
        return text(
                "names",
                "32,033 names of US newborns, one a line (A. Karpathy, makemore)",
                "of each ten lines the ninth is valid, the tenth test, the others train",
                "MIT; the names are of the US Social Security Administration",
                TextSet.Division.LINES,
                new PublishedFile(
                        "names.txt",
                        228_145,
                        "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d",
                        "https://raw.githubusercontent.com/karpathy/makemore/master/names.txt"));
    }

    private static NamedSet text(
            String name, String title, String splits, String licence, TextSet.Division division, PublishedFile file) {
        return new NamedSet(
                name,
                title,
                splits,
                licence,
                List.of(Form.of((folder, _) -> new TextSet(name, folder.resolve(file.path()), division), file)));
    }

    static NamedSet fsdd() {
        return new NamedSet(
                "fsdd",
                "Free Spoken Digit Dataset: 3,000 recordings at 8 kHz of six speakers (Z. Jackson and others)",
                "test: recordings 0-4 of each speaker and digit, as published; of the training ones 45-49 are valid, 5-44"
                        + " train; labels 0..9",
                "CC BY-SA 4.0",
                List.of(Form.of(
                        (folder, reading) ->
                                digits("fsdd", new SoundFiles.Zip(folder.resolve("fsdd_wav.zip")), reading),
                        new PublishedFile(
                                "fsdd_wav.zip",
                                16_095_380,
                                "6d4cbbe1779e0a7ed007ab9c74d9913c423eec8327b3e1b5d024957114a4c91d",
                                null))));
    }

    /** Recordings that are called {@code DIGIT_SPEAKER_INDEX.wav}. */
    static DataSet digits(String name, SoundFiles files, Reading reading) {
        return new SoundSet(name, files, reading, NamedSequences::part, file -> field(file, 0));
    }

    private static Split part(String file) {
        int index = field(file, 2);
        return index < TEST_BEFORE ? Split.TEST : index >= VALID_FROM ? Split.VALID : Split.TRAIN;
    }

    private static int field(String file, int number) {
        String base = String.valueOf(Path.of(file).getFileName());
        String[] fields = base.substring(0, base.lastIndexOf('.')).split("_", -1);
        try {
            return Integer.parseInt(fields[number]);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(file + ": is not called DIGIT_SPEAKER_INDEX.wav", e);
        }
    }

    static NamedSet speechClips() {
        return new NamedSet(
                "speech-clips",
                "clips of LJ Speech (22,050 Hz), CMU ARCTIC and J. F. Kennedy (16,000 Hz)",
                "none",
                "public domain; CMU ARCTIC: free for any use with its notice kept",
                List.of(Form.of(
                        (folder, reading) -> SoundSet.byFolders(
                                "speech-clips", new SoundFiles.Zip(folder.resolve("speech_clips_wav.zip")), reading),
                        new PublishedFile(
                                "speech_clips_wav.zip",
                                2_792_798,
                                "89216ab69d452207986604095f8ea9e9df8ecc9ecdde7e90ed5b84e8fc6d2837",
                                null))));
    }
}
