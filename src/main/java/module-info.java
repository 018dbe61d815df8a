/**
 * Autoregressive generative models: trained, evaluated, and sampled with every value computed once.
 *
 * <p>Kernels are native code; a program on the module path starts with {@code --enable-native-access=dev.gatun}.
 */
module dev.gatun {
    requires com.fasterxml.jackson.core;
    requires info.picocli;
    requires java.desktop;
    requires jdk.unsupported; // signals
    requires static org.jspecify;

    exports dev.gatun;
    exports dev.gatun.code;
    exports dev.gatun.convert;
    exports dev.gatun.data;
    exports dev.gatun.family;
    exports dev.gatun.file;
    exports dev.gatun.graph;
    exports dev.gatun.op;
    exports dev.gatun.score;
    exports dev.gatun.tensor;
    exports dev.gatun.train;

    opens dev.gatun.cli to
            info.picocli;
}
