package dev.gatun.op;

/**
 * Some of an operation's outputs that see the same inputs: those of one colour group, or of one of its gates' halves.
 *
 * @param group whose they are
 * @param first the first of them
 * @param features how many
 * @param unseen inputs of their own position, the last ones, that are masked
 */
record OutputPart(int group, int first, int features, int unseen) {}
