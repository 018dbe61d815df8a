package dev.gatun.bench;

import java.util.Arrays;
import java.util.SplittableRandom;

/** The affine operation in plain Java: loops over arrays, the innermost over outputs, which the JVM's compiler vectorises. */
final class AffineLoops {
    private final AffineShape shape;
    private final float[] x;
    private final float[] weights;
    private final float[] y;

    AffineLoops(AffineShape shape, SplittableRandom random) {
        this.shape = shape;
        int places = shape.n() * shape.h() * shape.t();
        x = floats(places * shape.in(), random);
        weights = floats(shape.taps() * shape.in() * shape.out(), random);
        y = new float[places * shape.out()];
    }

    private static float[] floats(int count, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    float[] run() {
        Arrays.fill(y, 0);
        for (int n = 0; n < shape.n(); n++) {
            for (int i = 0; i < shape.h(); i++) {
                for (int j = 0; j < shape.t(); j++) {
                    for (int tap = 0; tap < shape.taps(); tap++) {
                        add(n, i, j, tap);
                    }
                }
            }
        }
        return y;
    }

    private void add(int n, int row, int column, int tap) {
        int fromRow = row + shape.rows()[tap];
        int fromColumn = column + shape.columns()[tap];
        if (fromRow < 0 || fromRow >= shape.h() || fromColumn < 0 || fromColumn >= shape.t()) {
            return;
        }
        int in = shape.in();
        int out = shape.out();
        int from = ((n * shape.h() + fromRow) * shape.t() + fromColumn) * in;
        int to = ((n * shape.h() + row) * shape.t() + column) * out;
        for (int c = 0; c < in; c++) {
            float value = x[from + c];
            int weight = (tap * in + c) * out;
            for (int o = 0; o < out; o++) {
                y[to + o] += value * weights[weight + o];
            }
        }
    }
}
