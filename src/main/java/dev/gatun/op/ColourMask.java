package dev.gatun.op;

import java.util.ArrayList;
import java.util.List;

/**
 * The masks of colour channels (van den Oord et al. 2016b, section 3.4): inputs and outputs fall into as many groups of
 * neighbours as there are channels, and an output sees, of its own position, the groups before its own (type A) or up to its
 * own (type B).
 *
 * @param groups how many, at least 1
 * @param gates of the outputs (halves, quarters) in each of which the groups are counted anew
 * @param earlier whether its own group is hidden: type A
 */
public record ColourMask(int groups, int gates, boolean earlier) {
    /** Checks the counts. */
    public ColourMask {
        if (groups < 1 || gates < 1) {
            throw new IllegalArgumentException("a mask of " + groups + " groups, " + gates + " times");
        }
    }

    Footprint.Groups seen() {
        return earlier ? Footprint.Groups.EARLIER : Footprint.Groups.UP_TO_OWN;
    }

    /** The outputs by what they see of so many inputs. */
    List<OutputPart> parts(int inputs, int outputs) {
        if (inputs % groups != 0 || outputs % (groups * gates) != 0) {
            throw new IllegalArgumentException("a mask of " + groups + " groups, " + gates + " times: found " + inputs
                    + " inputs and " + outputs + " outputs, expected multiples of both");
        }
        int width = outputs / (groups * gates);
        List<OutputPart> parts = new ArrayList<>();
        for (int part = 0; part < groups * gates; part++) {
            int group = part % groups;
            int seen = inputs / groups * (earlier ? group : group + 1);
            parts.add(new OutputPart(group, part * width, width, inputs - seen));
        }
        return parts;
    }
}
