package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.gatun.foreign.NativeException;
import dev.gatun.foreign.NativeLibraryException;
import org.junit.jupiter.api.Test;

/** Where there is no CUDA device, that is said. */
class CudaTest {
    private static boolean present() {
        try {
            return !Device.cuda(0).describeCuda().isEmpty();
        } catch (NativeException | NativeLibraryException e) {
            return false;
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
