/**
 * The operations that graphs are made of. An {@link dev.gatun.op.Operation} is a description: sizes, the names of its
 * parameters, and for each input its {@link dev.gatun.op.Footprint}, the positions that an output position reads. Bound to
 * a model's parameters it becomes a {@link dev.gatun.op.Kernel}, which runs over all positions, runs backwards, and says
 * what one step of it is.
 */
@NullMarked
package dev.gatun.op;

import org.jspecify.annotations.NullMarked;
