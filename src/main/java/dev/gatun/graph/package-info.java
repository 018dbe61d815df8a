/**
 * Models as graphs of operations, and what is derived from one graph.
 *
 * <h2>One idea</h2>
 *
 * <p>Every operation declares its {@link dev.gatun.op.Footprint}: the positions of each input that an output position reads.
 * Composed from the data to the outputs, footprints give each node its {@link dev.gatun.graph.Reach}, the latest position that
 * its value depends on. From that follow the proof that a model is autoregressive ({@link dev.gatun.graph.Causality}: the
 * reach of the outputs lies strictly before their own position), when a value can be computed and for how long it is kept
 * ({@link dev.gatun.graph.StepPlan}), and the {@link dev.gatun.graph.ReceptiveField}. A family is a builder that returns a
 * {@link dev.gatun.graph.Graph}; nothing below is written per family.
 *
 * <h2>Three ways to run one graph</h2>
 *
 * <ul>
 *   <li>{@link dev.gatun.graph.Pass#run}: all positions at once; {@link dev.gatun.graph.Pass#gradient}: backwards; {@link
 *       dev.gatun.graph.WindowPass}: windows of positions, what was computed before them kept;
 *   <li>{@link dev.gatun.graph.StepPlan}: position by position, each value once, in rings that native code walks; {@link
 *       dev.gatun.graph.GridPlan}: the same over images, what is known when a row begins or ends for all of it at once.
 * </ul>
 *
 * Sums are taken in one order everywhere (see {@code native/include/gatun.h}), so all of them give the same bits.
 *
 * <h2>How the families go through it</h2>
 *
 * <p>The types were settled against these, on paper, before the first of them was written.
 *
 * <dl>
 *   <dt>Conditioned WaveNet
 *   <dd>One row, one group. {@code Lookup} at tap (-1) &rarr; R features; a layer is an {@code Affine} with taps (-d), (0), a
 *       sum with {@code Affine}s over the condition's node, the gate, and two pointwise {@code Affine}s. The condition's
 *       footprint is {@code Anywhere}: reach <i>nothing</i>, so its terms leave the loop: once a sample for a global condition,
 *       once a frame for a local one (a node of scale {@code hop} in columns). Reach of all other nodes: (-1). Rings: 1 + d.
 *   <dt>MADE
 *   <dd>No positions but units with degrees; {@code places} gives the data's order. A masked dense operation has the footprint
 *       {@code Degrees}; reach is a list, one place a unit. The proof compares each output's reach with its own place. A step
 *       computes the units whose reach is the place just drawn: sorted by degree they are a block, and each is computed once.
 *       Masks of an ensemble are graphs of their own over the same parameters; the drawn one is run.
 *   <dt>NADE, FVSBN
 *   <dd>One row. The hidden sum is a recurrence with state tap (-1) and input tap (-1), its weights indexed by position; reach
 *       (-1); a step adds one column. FVSBN is the same with as many sums as positions.
 *   <dt>RNNs
 *   <dd>One row; the cell's recurrence has state tap (-1); reach that of its input.
 *   <dt>PixelCNN
 *   <dd>H &times; W, one or three groups. A masked convolution lists the taps before the centre, and the centre with {@code
 *       EARLIER} (type A) or {@code UP_TO_OWN} (type B). Reach after the first layer: earlier groups of its position. Taps on
 *       rows above have reach (-1, &hellip;) and belong to the row's beginning, as a partial sum that the pixel loop carries
 *       on, in the same order of taps; the groups are three sub-steps of a pixel.
 *   <dt>Gated PixelCNN
 *   <dd>Vertical stack: taps (-m..0, -m..m), reach (0, whole row) or right of its column; moved down by a pointwise {@code
 *       Affine} at tap (-1, 0): reach (-1, &hellip;), before everything of the row. Horizontal stack as PixelCNN's row. The
 *       vertical stack is therefore a pass at each row's end.
 *   <dt>Row LSTM
 *   <dd>Recurrence with state taps (-1, -m..m); its input-to-state convolution is (0, -m..0) type B. Reach: its input's.
 *   <dt>Diagonal BiLSTM
 *   <dd>Left stream: state taps (-1, 0) and (0, -1); reach that of its input, computed in the pixel loop. Right stream: state taps
 *       (-1, 0) and (0, 1): a state handed on leftwards reaches the whole row, so it is a scan at the row's end; read at tap
 *       (-1, 0) it comes before everything of the row.
 *   <dt>PixelCNN++
 *   <dd>Maps at scales 1, 2, 4: a node's scale says which positions are its own, and all taps are in positions of the data,
 *       so that reaches add up across scales: a shrinking convolution at scale 2 has taps (-1..0, -1..1) around the first of its
 *       2 &times; 2 positions, its successor at that scale (-2, &hellip;). A growing one reads (-a, 1-b) for its kernel's (a, b). The
 *       down- and right-shifts are taps of pointwise copies. Coarse nodes run on the rows and columns that are theirs.
 * </dl>
 */
@NullMarked
package dev.gatun.graph;

import org.jspecify.annotations.NullMarked;
