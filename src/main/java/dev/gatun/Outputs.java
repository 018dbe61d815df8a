package dev.gatun;

/**
 * A network's outputs, the parameters of each position's distribution.
 *
 * @param shape {@code [examples, outputs of a position, positions]}, of image families {@code [examples, outputs of a pixel,
 *     height, width]}, of an ensemble {@code [examples, masks, outputs of a position, positions]}
 * @param values row-major
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
public record Outputs(int[] shape, float[] values) {}
