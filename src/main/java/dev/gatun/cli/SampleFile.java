package dev.gatun.cli;

import java.io.IOException;

/** A kind of file that samples are written to. */
interface SampleFile {
    /** Has the samples drawn and writes them. */
    void write(Samples samples) throws IOException;
}
