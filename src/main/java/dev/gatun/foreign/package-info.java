/**
 * The native boundary: loads the library, checks what is handed to it, calls it, and turns a status into an exception.
 *
 * <p>This package alone imports the bindings.
 */
@NullMarked
package dev.gatun.foreign;

import org.jspecify.annotations.NullMarked;
