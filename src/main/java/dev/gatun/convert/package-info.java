/** Models that other programs saved, made Gatun's: a converter for each published form, its arrays checked by name and shape. */
@NullMarked
package dev.gatun.convert;

import org.jspecify.annotations.NullMarked;
