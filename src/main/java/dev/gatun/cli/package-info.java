/**
 * The command line: {@link dev.gatun.cli.Main} and a class for each verb. Exit codes: 0, 1 for a failure (one line on
 * stderr, a stack trace with {@code --verbose}), 2 for a wrong use, 128 + the signal's number where one ended the work.
 */
@NullMarked
package dev.gatun.cli;

import org.jspecify.annotations.NullMarked;
