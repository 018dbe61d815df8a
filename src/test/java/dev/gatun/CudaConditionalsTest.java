package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.ConditionalsTest.Given;
import dev.gatun.code.Compressed;
import dev.gatun.code.Compressor;
import dev.gatun.score.Purification;
import dev.gatun.score.Surprise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Walks on a device, and all that goes by them, have the processor's bits: the emulated device, or the first of the library that
 * tests are started with.
 */
@ExtendWith(EmulatedDevice.class)
class CudaConditionalsTest {
    private static final Device DEVICE = EmulatedDevice.DEVICE;
    private static final Device HERE = Device.cpu(1);

    @TempDir
    private Path folder;

    /** Goes on to a position, without asking for the outputs of every third. */
    private static void goOn(Conditionals walks, Given given, int end) {
        float[] found = new float[walks.outputCount()];
        while (walks.taken() < end) {
            for (int n = 0; walks.taken() % 3 != 1 && n < walks.count(); n++) {
                walks.outputs(n, found, 0);
                assertThat(found).containsExactly(given.outputs(n, walks.position()));
            }
            given.take(walks);
        }
    }

    private static void takeNothing(Conditionals walks, Given given) {
        if (given.examples().real()) {
            walks.take(new float[walks.count()]);
        } else {
            walks.take(new int[walks.count()]);
        }
    }

    /** Forks go other ways, once before the outputs of the position are known and once behind that. */
    @ParameterizedTest
    @MethodSource("dev.gatun.ConditionalsTest#cases")
    void outputsAreTheProcessorsWhateverForksDo(GoldenCase golden) throws IOException {
        try (Model here = Model.load(golden.model(), HERE);
                Model there = Model.load(golden.model(), DEVICE)) {
            Given given = Given.of(here, golden);
            Conditionals walks = given.walks(there);
            int length = walks.length();
            goOn(walks, given, length / 3);
            Conditionals fork = walks.fork();
            takeNothing(walks, given);
            goOn(fork, given, length / 2);
            walks.close();
            try (Conditionals other = fork.fork()) {
                other.outputs(0, new float[other.outputCount()], 0);
                takeNothing(fork, given);
                goOn(other, given, length);
                assertThatThrownBy(other::position).isInstanceOf(IllegalStateException.class);
            }
            while (fork.taken() < length) {
                takeNothing(fork, given);
            }
            fork.close();
            fork.close();
            assertThatThrownBy(fork::fork).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.gatun.ConditionalsTest#cases")
    void answersAndSurprisesAreTheProcessors(GoldenCase golden) throws IOException {
        try (Model here = Model.load(golden.model(), HERE);
                Model there = Model.load(golden.model(), DEVICE)) {
            Given given = Given.of(here, golden);
            assertThat(answer(there, given)).usingRecursiveComparison().isEqualTo(answer(here, given));
            assertThat(nats(there, given)).containsExactly(nats(here, given));
        }
    }

    /** The first example's condition, if there are such. */
    private static Condition ofFirst(Given given) {
        return given.condition().rows() == 0
                ? given.condition()
                : given.condition().slice(0, 1);
    }

    /** The first two pixels or values are known, if others are left then. */
    private static Answer answer(Model model, Given given) {
        int length = given.examples().length();
        boolean[] marks = new boolean[length];
        int channels = model.config().data().channels();
        int pixels = length / channels;
        for (int i = 0; i < length; i++) {
            marks[i] = pixels > 2 && i % pixels < 2;
        }
        Known known = Known.of(given.examples().range(0, 1), marks);
        boolean[] places = known.positions(model.config().data());
        int[] unknown = IntStream.range(0, length).filter(i -> !places[i]).toArray();
        return new Query(model, length, known, ofFirst(given))
                .answer(9, 7, _ -> {}, unknown[0], unknown[unknown.length / 2]);
    }

    private static double[] nats(Model model, Given given) {
        int length = given.examples().length();
        double[] nats = new double[length];
        int[] levels = given.examples().real() ? new int[0] : given.positions(0);
        try (Surprise surprise = new Surprise(model, length, ofFirst(given))) {
            for (int i = 0; i < length; i++) {
                int position = model.graph().order().position(i);
                nats[i] = given.examples().real()
                        ? surprise.arrive(given.examples().reals()[position])
                        : surprise.arrive(levels[position]);
            }
        }
        return nats;
    }

    @ParameterizedTest
    @MethodSource("dev.gatun.PurificationTest#cases")
    void purifiedIsWhatTheProcessorPurifies(GoldenCase golden) throws IOException {
        try (Model here = Model.load(golden.model(), HERE);
                Model there = Model.load(golden.model(), DEVICE)) {
            Given given = Given.of(here, golden);
            assertThat(purified(there, given)).containsExactly(purified(here, given));
        }
    }

    private static int[] purified(Model model, Given given) {
        return new Purification(model, 1)
                .of(given.examples(), given.condition(), _ -> {})
                .levels();
    }

    /** Each reads what the other wrote, and writes the same. */
    @ParameterizedTest
    @MethodSource("dev.gatun.ConditionalsTest#cases")
    void filesAreTheProcessors(GoldenCase golden) throws IOException {
        try (Model here = Model.load(golden.model(), HERE);
                Model there = Model.load(golden.model(), DEVICE)) {
            Given given = Given.of(here, golden);
            if (given.examples().real()) {
                return;
            }
            Path[] files = {folder.resolve("here.gtn"), folder.resolve("there.gtn")};
            Compressor.compress(here, given.examples(), given.condition(), files[0], _ -> {});
            Compressor.compress(there, given.examples(), given.condition(), files[1], _ -> {});
            assertThat(Files.readAllBytes(files[1])).isEqualTo(Files.readAllBytes(files[0]));
            try (Compressed coded = Compressed.open(files[0], there, given.condition())) {
                assertThat(coded.read(0, coded.count(), _ -> {}).levels())
                        .containsExactly(given.examples().levels());
            }
        }
    }

    /** Whole tiles of them, and on a real device many blocks. */
    @Test
    void manyWalksSideBySide() {
        int count = 150;
        try (Model here = Model.bundled("digits", HERE);
                Model there = Model.bundled("digits", DEVICE);
                Conditionals some = here.conditionals(count, 64, Condition.none());
                Conditionals others = there.conditionals(count, 64, Condition.none())) {
            float[] expected = new float[some.outputCount()];
            float[] found = new float[some.outputCount()];
            for (int i = 0; i < 9; i++) {
                int seed = i;
                for (int n = 0; n < count; n++) {
                    some.outputs(n, expected, 0);
                    others.outputs(n, found, 0);
                    assertThat(found).containsExactly(expected);
                }
                int[] levels = IntStream.range(0, count)
                        .map(n -> (n * 31 + seed * 7) % 17)
                        .toArray();
                some.take(levels);
                others.take(levels);
            }
        }
    }
}
