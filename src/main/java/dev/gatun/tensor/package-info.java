/**
 * The memory that models compute on: the {@linkplain dev.gatun.tensor.Parameters named tensors of a model} in one native
 * segment, and the {@linkplain dev.gatun.tensor.Philox counter-based noise} that initialisation and sampling draw from.
 */
@NullMarked
package dev.gatun.tensor;

import org.jspecify.annotations.NullMarked;
