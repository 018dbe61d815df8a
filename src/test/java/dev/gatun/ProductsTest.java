package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gatun.file.Safetensors;
import dev.gatun.foreign.NativeLibraryException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products of training by oneDNN: near to the definition where its library was built, an error where it was not. */
class ProductsTest {
    private static final String PROPERTY = "gatun.dnnl.library.path";
    /** Whether the build had oneDNN, or a library is named. */
    private static final boolean BUILT = System.getProperty(PROPERTY) != null
            || ProductsTest.class.getResource("/META-INF/native/linux-x86_64/libgatun_dnnl.so") != null;

    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all();
    }

    private static Device device(int threads, Products products) {
        return Device.cpu(threads).withProducts(products);
    }

    private static double step(TrainingPass pass, Safetensors recorded) throws IOException {
        Examples x = GoldenCase.examples(recorded, "x");
        return pass.lossAndGradient(
                x, GoldenCase.condition(recorded), IntStream.range(0, x.count()).toArray());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsAreThoseOfTheDefinition(GoldenCase golden) throws IOException {
        assumeTrue(BUILT, "this build has no oneDNN");
        for (Products products : List.of(Products.ONEDNN, Products.ONEDNN_ALWAYS)) {
            try (Model model = Model.load(golden.model(), device(2, products));
                    Safetensors recorded = golden.open();
                    TrainingPass pass = new TrainingPass(model, 2)) {
                double loss = step(pass, recorded);
                assertThat(loss).isCloseTo(mean(recorded.floats("nats")), within(1e-5 * Math.max(1, Math.abs(loss))));
                for (String name : model.parameterNames()) {
                    assertClose(name, pass.gradient(name), recorded.floats("grad." + name));
                }
            }
        }
    }

    private static void assertClose(String name, float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        double largest = 1e-7;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < found.length; i++) {
            assertThat((double) found[i]).as("%s[%d]", name, i).isCloseTo(expected[i], within(1e-4 * largest));
        }
    }

    private static double mean(float[] values) {
        return IntStream.range(0, values.length)
                .mapToDouble(i -> values[i])
                .average()
                .orElseThrow();
    }

    private static GoldenCase case_(String name) throws IOException, URISyntaxException {
        return cases().stream()
                .filter(golden -> golden.folder().endsWith(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whereverItCanHasTheSameBitsOnAnyNumberOfThreads() throws IOException, URISyntaxException {
        assumeTrue(BUILT, "this build has no oneDNN");
        GoldenCase golden = case_("causal_conv_arm-dilated");
        float[][] gradients = new float[2][];
        for (int threads : new int[] {1, 2}) {
            try (Model model = Model.load(golden.model(), device(threads, Products.ONEDNN_ALWAYS));
                    Safetensors recorded = golden.open();
                    TrainingPass pass = new TrainingPass(model, 64)) {
                step(pass, recorded);
                String name = model.parameterNames().iterator().next();
                gradients[threads - 1] = pass.gradient(name);
                assertThat(pass.productChoices())
                        .isNotEmpty()
                        .allSatisfy(
                                line -> assertThat(line).contains(" n=", " in=", " out=", "the first that takes it"))
                        .anySatisfy(line -> assertThat(line).startsWith("product "))
                        .anySatisfy(line -> assertThat(line).startsWith("gradient "));
            }
        }
        assertThat(gradients[1]).containsExactly(gradients[0]);
    }

    @Test
    void likelihoodsAndValidationAreByGatunsKernels() throws IOException, URISyntaxException {
        assumeTrue(BUILT, "this build has no oneDNN");
        GoldenCase golden = case_("causal_conv_arm-dilated");
        try (Model own = Model.load(golden.model(), Device.cpu(1));
                Model other = Model.load(golden.model(), device(1, Products.ONEDNN_ALWAYS));
                Safetensors recorded = golden.open();
                TrainingPass ownPass = new TrainingPass(own, 64);
                TrainingPass otherPass = new TrainingPass(other, 64)) {
            Examples x = GoldenCase.examples(recorded, "x");
            Condition condition = GoldenCase.condition(recorded);
            assertThat(other.logLikelihood(x, condition).nats())
                    .containsExactly(own.logLikelihood(x, condition).nats());
            assertThat(otherPass.loss(x, condition)).isEqualTo(ownPass.loss(x, condition));
            assertThat(otherPass.productChoices()).isEmpty();
            step(otherPass, recorded);
            assertThat(otherPass.productChoices()).isNotEmpty();
            step(ownPass, recorded);
            assertThat(ownPass.productChoices()).isEmpty();
        }
    }

    @Test
    void aLibraryThatIsNotThereIsAnError(@TempDir Path empty) throws IOException, URISyntaxException {
        assumeTrue(!BUILT, "this build has oneDNN");
        try (Model model = Model.load(case_("causal_conv_arm-dilated").model(), device(1, Products.ONEDNN))) {
            assertThatThrownBy(() -> new TrainingPass(model, 2))
                    .isInstanceOf(NativeLibraryException.class)
                    .hasMessageContaining("libgatun_dnnl.so")
                    .hasMessageContaining("mvn -Pdnnl package")
                    .hasMessageContaining("-D" + PROPERTY);
            System.setProperty(PROPERTY, empty.toString());
            try {
                assertThatThrownBy(() -> new TrainingPass(model, 2))
                        .isInstanceOf(NativeLibraryException.class)
                        .hasMessageContaining("names " + empty + ", but there is no file ");
            } finally {
                System.clearProperty(PROPERTY);
            }
        }
    }

    @Test
    void aCudaDeviceHasProductsOfItsOwn() {
        assertThatThrownBy(() -> Device.cuda(0).withProducts(Products.ONEDNN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("products: found onednn beside cuda:0, expected one of own, tf32, bf16");
        assertThatThrownBy(() -> Device.cpu(1).withProducts(Products.TF32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("products: found tf32 beside the processor, expected one of own, onednn, onednn-always");
        assertThat(Device.cuda(0).withProducts(Products.BF16).products()).isEqualTo(Products.BF16);
    }
}
