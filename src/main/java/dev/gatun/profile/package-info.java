/** What a machine does at most, and where a model's time goes: pictures, pages and traces. */
@NullMarked
package dev.gatun.profile;

import org.jspecify.annotations.NullMarked;
