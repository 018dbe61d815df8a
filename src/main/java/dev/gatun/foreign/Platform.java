package dev.gatun.foreign;

import java.util.Locale;

/** Operating system and processor, by the names that the build gives to the folders of native libraries. */
record Platform(String os, String processor) {

    static Platform current() {
        return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    static Platform of(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String arch = osArch.toLowerCase(Locale.ROOT);
        return new Platform(
                os.startsWith("mac") ? "darwin" : os.replaceAll("\\s.*", ""),
                switch (arch) {
                    case "amd64", "x86-64" -> "x86_64";
                    case "arm64" -> "aarch64";
                    default -> arch;
                });
    }

    /** Where a library lies in the jar. */
    String resource(String file) {
        return "META-INF/native/" + this + "/" + file;
    }

    @Override
    public String toString() {
        return os + "-" + processor;
    }
}
