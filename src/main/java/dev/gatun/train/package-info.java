/**
 * Training by maximum likelihood: a {@link dev.gatun.train.Trainer} takes an {@link dev.gatun.train.Objective} (a
 * model with its data) down the gradient, with one of torch's {@linkplain dev.gatun.train.Optimizer optimisers}, a
 * {@linkplain dev.gatun.train.Schedule schedule} of its learning rate, clipping, averaged weights and early stopping.
 *
 * <p>A run is a function of its options, its data and its starting parameters. It can be stopped after any step and
 * resumed from its state file, and then goes on to the very bits that it would have reached uninterrupted.
 */
@NullMarked
package dev.gatun.train;

import org.jspecify.annotations.NullMarked;
