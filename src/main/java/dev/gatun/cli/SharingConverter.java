package dev.gatun.cli;

import dev.gatun.Sharing;

/** What threads do for a sample alone, by its names. */
final class SharingConverter extends NamedConverter<Sharing> {
    SharingConverter() {
        super(Sharing.values(), Sharing::text);
    }
}
