/**
 * What programs import: a {@link dev.gatun.Model} that is loaded, created, evaluated and saved, a {@link dev.gatun.Sampler}
 * that draws from it, {@link dev.gatun.Examples} of data, and the {@link dev.gatun.Device} that computes.
 *
 * <pre>{@code
 * try (Model model = Model.bundled("digits");
 *         Sampler sampler = model.sampler(SampleOptions.count(64).withSeed(1))) {
 *     int[] digits = sampler.draw().levels(); // 64 x 64 values 0..16
 * }
 * }</pre>
 */
@NullMarked
package dev.gatun;

import org.jspecify.annotations.NullMarked;
