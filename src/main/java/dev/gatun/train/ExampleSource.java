package dev.gatun.train;

import dev.gatun.Condition;
import dev.gatun.Examples;
import java.util.List;

/**
 * Examples of a set, as they are or changed anew whenever they are taken.
 *
 * @param set the examples
 * @param changes made to each example of a batch, one after the other
 */
public record ExampleSource(ExampleSet set, List<Change> changes) implements BatchSource {
    /** A change of examples, drawn for each. */
    public interface Change {
        /**
         * Changes an example.
         *
         * @param values in the layout of the data; changed in place
         * @param example its number in the set
         * @param step from 0, or -1 for what examples are validated by
         */
        void apply(int[] values, int example, long step);

        /** Whether what is validated is changed too, because the change makes the data what the model takes. */
        boolean always();

        /** What is done, with all that it depends on. */
        String describe();
    }

    /** Checks that what is changed are levels. */
    public ExampleSource {
        changes = List.copyOf(changes);
        if (!changes.isEmpty() && set.examples().real()) {
            throw new IllegalArgumentException("changes: found examples of reals, expected levels");
        }
    }

    /** Examples as they are. */
    public static ExampleSource of(ExampleSet set) {
        return new ExampleSource(set, List.of());
    }

    @Override
    public int count() {
        return set.count();
    }

    @Override
    public int dimensions() {
        return set.length();
    }

    @Override
    public Batch batch(int[] chosen, long step) {
        return taken(chosen, step, changes);
    }

    @Override
    public Batch fixed(int[] chosen) {
        return taken(chosen, -1, changes.stream().filter(Change::always).toList());
    }

    private Batch taken(int[] chosen, long step, List<Change> made) {
        if (made.isEmpty()) {
            return new Batch(set.examples(), set.condition(), chosen, null);
        }
        int length = set.length();
        int[] all = new int[chosen.length * length];
        int[] example = new int[length];
        for (int n = 0; n < chosen.length; n++) {
            set.examples().copyLevels(chosen[n], example, 0);
            for (Change change : made) {
                change.apply(example, chosen[n], step);
            }
            System.arraycopy(example, 0, all, n * length, length);
        }
        Condition rows =
                set.condition().rows() == 0 ? set.condition() : set.condition().chosen(chosen);
        return Batch.all(Examples.ofLevels(chosen.length, length, all), rows, null);
    }

    @Override
    public String fingerprint() {
        Examples examples = set.examples();
        DataDigest digest = new DataDigest();
        digest.add(examples.count() + " x " + examples.length());
        if (examples.real()) {
            digest.add(examples.reals());
        } else {
            digest.add(examples.sequence());
        }
        digest.add(set.condition());
        changes.forEach(change -> digest.add(change.describe()));
        return digest.text();
    }
}
