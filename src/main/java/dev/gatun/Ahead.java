package dev.gatun;

import org.jspecify.annotations.Nullable;

/**
 * How far ahead passes over forecasts draw.
 *
 * @param alone whether each sample goes on by itself, in windows that follow how many forecasts have turned out right; if not,
 *     those of a batch stay together until all are done
 * @param block places of the chain that forecasts are made of at a time: blocks, one after the other
 * @param heads what forecasts values; null: what the pass before drew
 */
record Ahead(boolean alone, int block, @Nullable Forecast heads) {}
