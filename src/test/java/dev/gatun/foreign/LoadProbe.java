package dev.gatun.foreign;

/** A process of its own that loads the library and says what came of it: loading happens once in a process. */
final class LoadProbe {
    private LoadProbe() {}

    public static void main(String[] arguments) {
        try {
            NativeLibrary.load();
            System.out.println("loaded " + NativeLibrary.location());
        } catch (NativeLibraryException e) {
            System.out.println("refused " + e.getMessage());
        }
    }
}
