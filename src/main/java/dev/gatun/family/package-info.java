/**
 * Model families and model files: what a configuration may say ({@link dev.gatun.family.ModelConfig}), which tensors it asks
 * for ({@link dev.gatun.family.ParameterLayout}), which of their entries count ({@link dev.gatun.family.Mask}), what they
 * hold before training ({@link dev.gatun.family.Initialization}), and how all of it is read from and written to a file
 * ({@link dev.gatun.family.ModelFile}).
 *
 * <p>A family is one small class that declares its configuration keys and its tensors; everything that is checked is
 * checked from these declarations. Errors name the key or the tensor, what was found, and what was expected.
 */
@NullMarked
package dev.gatun.family;

import org.jspecify.annotations.NullMarked;
