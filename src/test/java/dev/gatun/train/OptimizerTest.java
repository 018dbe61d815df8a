package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.file.Safetensors;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.Isa;
import dev.gatun.foreign.NativeException;
import dev.gatun.foreign.OptimizerCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sgd",
                "sgd-momentum",
                "sgd-nesterov-decay",
                "rmsprop",
                "rmsprop-momentum-decay",
                "adam",
                "adam-decay",
                "adam-small-beta",
                "adamw",
                "adamax",
                "adamax-decay"
            })
    void stepsAreThoseOfTorch(String name) throws IOException {
        try (Safetensors recorded = Recorded.open(name)) {
            Optimizer optimizer = optimizer(recorded.metadata());
            Map<Integer, float[]> baseline = steps(Isa.BASELINE, optimizer, recorded);
            for (int step : List.of(1, 2, 10, 100)) {
                Recorded.assertClose(name + " after " + step, baseline.get(step), recorded.floats("after." + step));
            }
            for (Isa isa : levels()) {
                assertThat(steps(isa, optimizer, recorded).get(100))
                        .as(isa.text())
                        .isEqualTo(baseline.get(100));
            }
        }
    }

    private static Map<Integer, float[]> steps(Isa isa, Optimizer optimizer, Safetensors recorded) throws IOException {
        Context context = Context.of(isa, 1);
        float[] gradients = recorded.floats("gradients");
        Map<Integer, float[]> after = new LinkedHashMap<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = Recorded.copy(arena, recorded.floats("initial"));
            int count = gradients.length / 100;
            MemorySegment first = arena.allocate(parameters.byteSize(), 4);
            MemorySegment second = arena.allocate(parameters.byteSize(), 4);
            for (int step = 1; step <= 100; step++) {
                MemorySegment gradient =
                        Recorded.copy(arena, Arrays.copyOfRange(gradients, (step - 1) * count, step * count));
                OptimizerCalls.step(
                        context,
                        Descent.settings(optimizer),
                        optimizer.learningRate(),
                        step,
                        parameters,
                        gradient,
                        first,
                        second);
                after.put(step, Recorded.array(parameters));
            }
        }
        return after;
    }

    /** The levels of this machine. */
    static List<Isa> levels() {
        List<Isa> levels = new ArrayList<>();
        for (Isa isa : Isa.values()) {
            try {
                levels.add(Context.of(isa, 1).isa());
            } catch (NativeException e) {
                assertThat(isa).isNotIn(Isa.BEST, Isa.BASELINE);
            }
        }
        return levels;
    }

    private static Optimizer optimizer(Map<String, String> torch) {
        double rate = number(torch, "lr", Double.NaN);
        double momentum = number(torch, "momentum", 0);
        double decay = number(torch, "weight_decay", "AdamW".equals(torch.get("class")) ? 0.01 : 0);
        double epsilon = number(torch, "eps", 1e-8);
        String[] betas = torch.getOrDefault("betas", "[0.9, 0.999]")
                .replaceAll("[\\[\\] ]", "")
                .split(",");
        double beta1 = Double.parseDouble(betas[0]);
        double beta2 = Double.parseDouble(betas[1]);
        return switch (torch.getOrDefault("class", "")) {
            case "SGD" -> new Optimizer.Sgd(rate, momentum, torch.containsKey("nesterov"), decay);
            case "RMSprop" -> new Optimizer.RmsProp(rate, number(torch, "alpha", 0.99), epsilon, momentum, decay);
            case "Adam" -> new Optimizer.Adam(rate, beta1, beta2, epsilon, decay, false);
            case "AdamW" -> new Optimizer.Adam(rate, beta1, beta2, epsilon, decay, true);
            case "Adamax" -> new Optimizer.Adamax(rate, beta1, beta2, epsilon, decay);
            default -> throw new AssertionError(torch);
        };
    }

    private static double number(Map<String, String> map, String key, double otherwise) {
        String text = map.get(key);
        return text == null ? otherwise : Double.parseDouble(text);
    }

    @Test
    void defaultsAreThoseOfTorch() {
        assertThat(Optimizer.Sgd.of(0.1)).isEqualTo(new Optimizer.Sgd(0.1, 0, false, 0));
        assertThat(Optimizer.RmsProp.of(0.1)).isEqualTo(new Optimizer.RmsProp(0.1, 0.99, 1e-8, 0, 0));
        assertThat(Optimizer.Adam.of(0.1)).isEqualTo(new Optimizer.Adam(0.1, 0.9, 0.999, 1e-8, 0, false));
        assertThat(Optimizer.Adamax.of(0.1)).isEqualTo(new Optimizer.Adamax(0.1, 0.9, 0.999, 1e-8, 0));
    }

    @Test
    void settingsOutOfRangeAreNamed() {
        refused(() -> Optimizer.Sgd.of(0), "learning rate: found 0.0, expected a number above 0");
        refused(() -> Optimizer.Sgd.of(Double.NaN), "learning rate: found NaN, expected a number above 0");
        refused(() -> new Optimizer.Sgd(1, 1, false, 0), "momentum: found 1.0, expected 0 or more, below 1");
        refused(() -> new Optimizer.Sgd(1, 0, true, 0), "nesterov: found a momentum of 0, expected one above 0");
        refused(() -> new Optimizer.Sgd(1, 0, false, -1), "weight decay: found -1.0, expected 0 or a number above it");
        refused(() -> new Optimizer.RmsProp(1, 1, 1e-8, 0, 0), "alpha: found 1.0, expected 0 or more, below 1");
        refused(() -> new Optimizer.Adam(1, 0, 1, 1, 0, false), "beta2: found 1.0, expected 0 or more, below 1");
        refused(() -> new Optimizer.Adamax(1, -1, 0, 1, 0), "beta1: found -1.0, expected 0 or more, below 1");
        refused(() -> new Optimizer.Adamax(1, 0, 0, 0, 0), "epsilon: found 0.0, expected a float32 above 0");
    }

    private static void refused(Runnable making, String message) {
        assertThatThrownBy(making::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
