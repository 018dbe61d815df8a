package dev.gatun.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The weights of each output of a layer: all places of a tensor with the same number along one axis of its shape. */
public final class OutputRows {
    private final MemorySegment values;
    private final int outer;
    private final int outputs;
    private final int inner;

    /**
     * The rows of a tensor.
     *
     * @param values of the tensor, row-major; not copied
     * @param shape of the tensor
     * @param axis along which the outputs lie
     * @throws IllegalArgumentException if there is no such axis, or not as many values
     */
    public OutputRows(MemorySegment values, int[] shape, int axis) {
        if (axis < 0 || axis >= shape.length) {
            throw new IllegalArgumentException("axis: found " + axis + " of " + shape.length);
        }
        this.values = values;
        outputs = shape[axis];
        outer = product(shape, 0, axis);
        inner = product(shape, axis + 1, shape.length);
        if (values.byteSize() != (long) outer * outputs * inner * Float.BYTES) {
            throw new IllegalArgumentException("values: found " + values.byteSize() / Float.BYTES + ", expected "
                    + outer + " x " + outputs + " x " + inner);
        }
    }

    private static int product(int[] shape, int from, int to) {
        int product = 1;
        for (int i = from; i < to; i++) {
            product = Math.multiplyExact(product, shape[i]);
        }
        return product;
    }

    /** The number of outputs. */
    public int outputs() {
        return outputs;
    }

    /** The product of an output's values here and in a tensor of the same shape. */
    public double dot(int output, OutputRows other) {
        double sum = 0;
        for (int i = 0; i < outer; i++) {
            long first = first(i, output);
            for (int j = 0; j < inner; j++) {
                sum += (double) at(first + j) * other.at(first + j);
            }
        }
        return sum;
    }

    /** The value of an output that has one. */
    public double get(int output) {
        return at(first(0, output));
    }

    /** Sets the value of an output that has one. */
    public void set(int output, double value) {
        put(first(0, output), (float) value);
    }

    /** The length of an output's values. */
    public double norm(int output) {
        return Math.sqrt(dot(output, this));
    }

    /** Sets an output's values to {@code a} times those of one tensor and {@code b} times those of another, which may be this. */
    public void combine(int output, double a, OutputRows x, double b, OutputRows y) {
        for (int i = 0; i < outer; i++) {
            long first = first(i, output);
            for (int j = 0; j < inner; j++) {
                put(first + j, (float) (a * x.at(first + j) + b * y.at(first + j)));
            }
        }
    }

    /** Sets an output's values to {@code a} times those of a tensor of the same shape, which may be this. */
    public void scaled(int output, double a, OutputRows x) {
        for (int i = 0; i < outer; i++) {
            long first = first(i, output);
            for (int j = 0; j < inner; j++) {
                put(first + j, (float) (a * x.at(first + j)));
            }
        }
    }

    private long first(int outerPlace, int output) {
        return ((long) outerPlace * outputs + output) * inner;
    }

    private float at(long place) {
        return values.getAtIndex(ValueLayout.JAVA_FLOAT, place);
    }

    private void put(long place, float value) {
        values.setAtIndex(ValueLayout.JAVA_FLOAT, place, value);
    }
}
