/**
 * Lossless coding: data become files whose size is what a model's likelihood says, because its conditionals have the same bits
 * wherever they are computed. {@link dev.gatun.code.Compressor} writes such a file, {@link dev.gatun.code.Compressed} reads it.
 *
 * <p>Examples are coded in groups of some that a decoder walks through side by side, position by position, all examples of the
 * group at one position after the other; groups are put together in chunks, each of which can be decoded alone. The coder is
 * a range coder (Martin 1979) of 56 bits; the frequencies are {@link dev.gatun.LevelDistribution}'s.
 *
 * <pre>
 * header  "GTN", 26; version; numerics; the first 16 bytes of the model's fingerprint; examples, positions, examples in a group
 *         (LEB128); 1 and 8 bytes of the condition's fingerprint, or 0; CRC-32 of all that
 * chunks  bytes of the coder, zeros at the end left out
 * index   for each chunk: examples, bytes (LEB128), CRC-32 of its bytes, CRC-32 of its levels (int32, little-endian)
 * footer  bytes of the index (uint32); CRC-32 of the index and of that
 * </pre>
 *
 * Numbers without a note are big-endian. <i>Numerics</i> says which order of sums and which functions the outputs and frequencies
 * are made by; files of others cannot be decoded.
 */
@NullMarked
package dev.gatun.code;

import org.jspecify.annotations.NullMarked;
