package dev.gatun.tensor;

/**
 * How weight normalisation (Salimans and Kingma 2016) takes the weight of a layer: as {@code w = g v / |v|}, with a scale g for
 * each of its outputs.
 *
 * @param axis of the weight's shape along which its outputs lie
 * @param deviation standard deviation that data-dependent initialisation gives the outputs
 */
public record Normed(int axis, double deviation) {}
