/**
 * Files, in and out: {@code .safetensors}, {@code .npy} and {@code .npz}, numeric CSV and {@code .amat}, IDX, PNG, WAV, UTF-8
 * and strict JSON.
 *
 * <p>Readers trust nothing: every length that a file declares is checked against the bytes that are there before
 * anything is allocated for it, and a file that is wrong is refused with a {@link dev.gatun.file.FormatException} that
 * names the file, the tensor or key, what was found and what was expected. Writers go through {@link
 * dev.gatun.file.AtomicFile}: a file is replaced whole or not at all, and the same contents make the same bytes.
 *
 * <p>The package knows nothing of models and imports no other package of Gatun.
 */
@NullMarked
package dev.gatun.file;

import org.jspecify.annotations.NullMarked;
