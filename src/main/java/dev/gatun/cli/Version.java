package dev.gatun.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says: what Maven wrote into the jar. */
final class Version implements IVersionProvider {
    private static final String BUILD = "/META-INF/maven/dev.gatun/gatun/pom.properties";

    @Override
    public String[] getVersion() throws IOException {
        Properties build = new Properties();
        try (InputStream in = Version.class.getResourceAsStream(BUILD)) {
            if (in != null) {
                build.load(in);
            }
        }
        return new String[] {"gatun " + build.getProperty("version", "(not from a jar)"), "Java " + Runtime.version()};
    }
}
