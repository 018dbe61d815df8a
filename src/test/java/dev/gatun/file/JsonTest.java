package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void parsesEveryKindOfValueInOrder() {
        Object value = Json.parse(
                " {\"z\": [1, -2, 0.5, 1e2, true, false, null, \"\\u00fc\\n\\ud83d\\ude00\"], \"a\": {}, \"m\": []} ");
        assertThat(value).isInstanceOf(LinkedHashMap.class);
        assertThat(((Map<?, ?>) value).keySet()).extracting(String.class::cast).containsExactly("z", "a", "m");
        assertThat(((Map<?, ?>) value).get("z"))
                .isEqualTo(Arrays.asList(1L, -2L, 0.5, 100.0, true, false, null, "ü\n😀"));
        assertThat(Json.parse("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
        assertThat(Json.parse("null")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\": 1, \"a\": 2} | key 'a' appears twice",
                "{\"b\": [{\"a\": 1, \"a\": null}]} | key 'a' appears twice",
                "{\"a\": null, \"a\": null} | key 'a' appears twice",
                "{} {} | text after",
                "1 x | not JSON",
                "`` | empty text",
                "`  ` | empty text",
                "9223372036854775808 | '9223372036854775808' does not fit in 64 bits",
                "-9223372036854775809 | does not fit in 64 bits",
                "1e999 | does not fit in a double",
                "NaN | not JSON",
                "Infinity | not JSON",
                "-Infinity | not JSON",
                "{\"a\": 1 | not JSON",
                "[1, 2 | not JSON",
                "[1,] | not JSON",
                "{\"a\": 1,} | not JSON",
                "{a: 1} | not JSON",
                "'a' | not JSON",
                "01 | not JSON",
                "+1 | not JSON",
                ".5 | not JSON",
                "\"a | not JSON",
                "/* c */ 1 | not JSON",
                "} | not JSON",
            })
    void refuses(String text, String problem) {
        assertThatThrownBy(() -> Json.parse(text))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void saysWhere() {
        assertThatThrownBy(() -> Json.parse("{\n  \"a\": tru\n}")).hasMessageContaining("line 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":"})
    void refusesEndlessNesting(String open) {
        assertThatThrownBy(() -> Json.parse(open.repeat(100_000)))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining("depth");
        assertThat(Json.parse("[".repeat(100) + "]".repeat(100))).isNotNull();
    }

    @Test
    void writesInTheMapsOrderAndReadsBack() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("z", List.of(1, 2L, 0.1f, 0.1, true));
        map.put("a", new TreeMap<>(Map.of("y", "\"\\\n\u0001ü", "x", List.of())));
        map.put("n", null);
        String text = Json.write(map);
        assertThat(text)
                .isEqualTo("{\"z\":[1,2,0.1,0.1,true],\"a\":{\"x\":[],\"y\":\"\\\"\\\\\\n\\u0001ü\"},\"n\":null}");
        assertThat(Json.write(Json.parse(text))).isEqualTo(text);
    }

    @Test
    void doublesKeepTheirBits() {
        for (double value : new double[] {1e-300, 0.1 + 0.2, Double.MIN_VALUE, Double.MAX_VALUE, -0.0, 1e22}) {
            assertThat(Json.parse(Json.write(value))).isEqualTo(value);
        }
    }

    @Test
    void writesNothingThatIsNotJson() {
        for (Object value : new Object[] {Double.NaN, Float.POSITIVE_INFINITY, new Object(), new int[1], 'c'}) {
            assertThatThrownBy(() -> Json.write(Collections.singletonList(value)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cannot be written as JSON");
        }
        assertThatThrownBy(() -> Json.write(Map.of(1, 2))).hasMessageContaining("key 1 is no string");
        Object deep = List.of();
        for (int i = 0; i < 200; i++) {
            deep = List.of(deep);
        }
        Object nested = deep;
        assertThatThrownBy(() -> Json.write(nested)).hasMessageContaining("nested deeper");
    }
}
