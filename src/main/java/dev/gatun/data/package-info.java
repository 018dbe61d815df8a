/**
 * Data for models: {@link dev.gatun.data.DataSets#open} finds a bundled or published set or a file, a {@link dev.gatun.data.DataSet}
 * hands out {@link dev.gatun.Examples} that are checked against what a model's data are.
 */
@NullMarked
package dev.gatun.data;

import org.jspecify.annotations.NullMarked;
