/**
 * What exact likelihoods are good for besides generating: telling whether examples are like those that a model has learnt, and
 * bringing them nearer to these (PixelDefend: Song, Kim, Nowozin, Ermon, Kushman 2018, <i>Leveraging generative models to
 * understand and defend against adversarial examples</i>).
 *
 * <p>{@link dev.gatun.score.Reference} ranks likelihoods among those of known examples, {@link dev.gatun.score.Separation} says
 * how well they tell two sets apart, {@link dev.gatun.score.Purification} changes examples within a distance.
 */
@NullMarked
package dev.gatun.score;

import org.jspecify.annotations.NullMarked;
