package dev.gatun.family;

import java.util.Map;

/**
 * The mask of a convolution over images: it sees the pixels before the current one in raster order and, at the current
 * one, features of the groups before an output's own (type A) or up to its own (type B).
 *
 * @param typeA whether the own group is hidden
 * @param outputs features out
 * @param inputs features in
 * @param height of the kernel
 * @param width of the kernel
 * @param row of the current pixel in the kernel
 * @param column of the current pixel in the kernel
 * @param groups among which the features are divided, 1 or 3; it divides inputs and each part of the outputs
 * @param parts of the outputs (halves or quarters, for gates) inside each of which the groups are counted anew
 */
record RasterMask(
        boolean typeA, int outputs, int inputs, int height, int width, int row, int column, int groups, int parts)
        implements Mask, Mask.Entries {
    @Override
    public Entries entries(Map<String, long[]> integers) {
        return this;
    }

    @Override
    public boolean counts(long index) {
        int j = (int) (index % width);
        long rest = index / width;
        int i = (int) (rest % height);
        rest /= height;
        if (i != row || j != column) {
            return i < row || (i == row && j < column);
        }
        long part = outputs / parts;
        long ofInput = rest % inputs * groups / inputs;
        long ofOutput = rest / inputs % part * groups / part;
        return typeA ? ofInput < ofOutput : ofInput <= ofOutput;
    }
}
