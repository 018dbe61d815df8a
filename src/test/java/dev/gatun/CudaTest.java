package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gatun.file.Safetensors;
import dev.gatun.foreign.NativeException;
import dev.gatun.foreign.NativeLibraryException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A CUDA device draws the processor's samples; where there is none, that is said. */
class CudaTest {
    private static final int COUNT = 33;

    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all();
    }

    private static boolean present() {
        try {
            return !Device.cuda(0).describeCuda().isEmpty();
        } catch (NativeException | NativeLibraryException e) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void samplesAreTheProcessors(GoldenCase golden) throws IOException {
        assumeTrue(present(), "this machine has no CUDA device");
        try (Safetensors recorded = golden.open()) {
            Condition condition = GoldenCase.condition(recorded).slice(0, 1).repeated(COUNT);
            assertThat(drawn(golden, Device.cuda(0), condition))
                    .containsExactly(drawn(golden, Device.cpu(1), condition));
        }
    }

    private static int[] drawn(GoldenCase golden, Device device, Condition condition) throws IOException {
        try (Model model = Model.load(golden.model(), device)) {
            int length = model.config().data().length().orElse(9);
            SampleOptions options = SampleOptions.count(COUNT).withSeed(11).withLength(length);
            try (Sampler sampler = model.sampler(options, condition);
                    Arena arena = Arena.ofConfined()) {
                sampler.advance(length / 2);
                MemorySegment values = arena.allocate((long) COUNT * length * Integer.BYTES, Integer.BYTES);
                sampler.drawPositions(values);
                return values.toArray(ValueLayout.JAVA_INT);
            }
        }
    }

    @Test
    void whereThereIsNoDeviceThatIsSaidAndNothingElseIsTaken() {
        assumeFalse(present(), "this machine has a CUDA device");
        assertThatThrownBy(() -> Model.bundled("digits", Device.cuda(0)))
                .isInstanceOfAny(NativeException.class, NativeLibraryException.class)
                .message()
                .containsPattern("no CUDA driver on this machine.*the library was built with CUDA [0-9]+\\.[0-9]+"
                        + "|CUDA driver (is too old|finds no device).*was built with"
                        + "|no native library for .*libgatun_cuda\\.so.*where CUDA's nvcc is");
    }

    @Test
    void numbersOfDevicesAreChecked() {
        assertThatThrownBy(() -> Device.cuda(-1)).hasMessage("cuda: found -1, expected 0 or more");
        assertThatThrownBy(() -> new Device(1, "best", -2))
                .hasMessage("cuda: found -2, expected 0 or more, or -1 for none");
        assertThat(Device.cuda(3).cuda()).isEqualTo(3);
        assertThat(Device.cpu(2).cuda()).isEqualTo(-1);
        assertThatThrownBy(() -> Device.cpu(1).describeCuda()).isInstanceOf(IllegalStateException.class);
    }
}
