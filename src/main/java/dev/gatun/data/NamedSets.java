package dev.gatun.data;

import dev.gatun.data.NamedSet.Form;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The published sets that are known by name. Checksums are what counts; an address may move. */
public final class NamedSets {
    private static final List<NamedSet> ALL = all();

    private NamedSets() {}

    /** All of them. */
    public static List<NamedSet> list() {
        return ALL;
    }

    /** The set of a name; null if there is none. */
    public static @Nullable NamedSet find(String name) {
        return ALL.stream().filter(set -> set.name().equals(name)).findFirst().orElse(null);
    }

    private static List<NamedSet> all() {
        List<NamedSet> sets = new ArrayList<>();
        sets.add(mnist());
        sets.add(binarizedMnist());
        sets.add(fashionMnist());
        sets.add(cifar10());
        sets.add(caltech());
        sets.add(omniglot());
        sets.add(NamedSequences.shakespeare());
        sets.add(NamedSequences.names());
        sets.add(NamedSequences.fsdd());
        sets.add(NamedSequences.speechClips());
        return List.copyOf(sets);
    }

    private static NamedSet mnist() {
        String at = "https://storage.googleapis.com/cvdf-datasets/mnist/";
        return new NamedSet(
                "mnist",
                "MNIST: 28 x 28 grey handwritten digits (Y. LeCun, C. Cortes, C. Burges)",
                "train 50,000, valid 10,000 (the last of the training images), test 10,000; labels 0..9",
                "none stated; often listed as CC BY-SA 3.0",
                List.of(
                        Form.of(
                                (folder, _) -> NamedImages.mnist("mnist", folder, ".gz"),
                                new PublishedFile(
                                        "train-images-idx3-ubyte.gz",
                                        9_912_422,
                                        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                                        at + "train-images-idx3-ubyte.gz"),
                                new PublishedFile(
                                        "train-labels-idx1-ubyte.gz",
                                        28_881,
                                        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                                        at + "train-labels-idx1-ubyte.gz"),
                                new PublishedFile(
                                        "t10k-images-idx3-ubyte.gz",
                                        1_648_877,
                                        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                                        at + "t10k-images-idx3-ubyte.gz"),
                                new PublishedFile(
                                        "t10k-labels-idx1-ubyte.gz",
                                        4_542,
                                        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                                        at + "t10k-labels-idx1-ubyte.gz")),
                        Form.of(
                                (folder, _) -> NamedImages.mnist("mnist", folder, ""),
                                new PublishedFile(
                                        "train-images-idx3-ubyte",
                                        47_040_016,
                                        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                                        null),
                                new PublishedFile(
                                        "train-labels-idx1-ubyte",
                                        60_008,
                                        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                                        null),
                                new PublishedFile(
                                        "t10k-images-idx3-ubyte",
                                        7_840_016,
                                        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                                        null),
                                new PublishedFile(
                                        "t10k-labels-idx1-ubyte",
                                        10_008,
                                        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                                        null))));
    }

    private static NamedSet binarizedMnist() {
        String at = "http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/";
        return new NamedSet(
                "binarized-mnist",
                "static binarized MNIST, which nats are reported on (H. Larochelle; Salakhutdinov & Murray 2008)",
                "train 50,000, valid 10,000, test 10,000, as published; the test images are sorted by class; no labels",
                "none stated",
                List.of(
                        Form.of(
                                (folder, _) -> NamedImages.amats("binarized-mnist", folder),
                                new PublishedFile(
                                        "binarized_mnist_train.amat",
                                        78_400_000,
                                        "ad693b29f94c14277b095f5238ddefbbdaaae0939789dd2f4f0205278cee3e4d",
                                        at + "binarized_mnist_train.amat"),
                                new PublishedFile(
                                        "binarized_mnist_valid.amat",
                                        15_680_000,
                                        "1de3d397c40fe8eeb33dafd4099a1f665ec01e96d9be234aaeeac8a34930e2e2",
                                        at + "binarized_mnist_valid.amat"),
                                new PublishedFile(
                                        "binarized_mnist_test.amat",
                                        15_680_000,
                                        "e6687bfea3f820c174f33b7865140b2a2dd2930ef786f35d45795fc193b5ab2c",
                                        at + "binarized_mnist_test.amat")),
                        Form.of(
                                (folder, _) -> NamedImages.packed(
                                        "binarized-mnist", folder.resolve("binarized_mnist.npz"), false),
                                new PublishedFile(
                                        "binarized_mnist.npz",
                                        2_336_116,
                                        "cd8eb98d6b13e3a450b3edeb04adbe4251b5f60ff51dafb89b0c73abc110f192",
                                        null))));
    }

    private static NamedSet fashionMnist() {
        String at = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
        return new NamedSet(
                "fashion-mnist",
                "Fashion-MNIST: 28 x 28 grey pictures of clothes (H. Xiao, K. Rasul, R. Vollgraf, Zalando)",
                "train 50,000, valid 10,000 (the last of the training images), test 10,000; labels 0..9",
                "MIT",
                List.of(Form.of(
                        (folder, _) -> NamedImages.mnist("fashion-mnist", folder, ".gz"),
                        new PublishedFile(
                                "train-images-idx3-ubyte.gz",
                                26_421_880,
                                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                                at + "train-images-idx3-ubyte.gz"),
                        new PublishedFile(
                                "train-labels-idx1-ubyte.gz",
                                29_515,
                                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                                at + "train-labels-idx1-ubyte.gz"),
                        new PublishedFile(
                                "t10k-images-idx3-ubyte.gz",
                                4_422_102,
                                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                                at + "t10k-images-idx3-ubyte.gz"),
                        new PublishedFile(
                                "t10k-labels-idx1-ubyte.gz",
                                5_148,
                                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                                at + "t10k-labels-idx1-ubyte.gz"))));
    }

    private static NamedSet cifar10() {
        return new NamedSet(
                "cifar10",
                "CIFAR-10: 32 x 32 pictures in colour of ten classes (A. Krizhevsky, V. Nair, G. Hinton, 2009)",
                "test 10,000; of the training images the last tenth is valid; labels 0..9",
                "none stated",
                List.of(
                        new Form(
                                NamedImages.CIFAR_BATCHES,
                                new PublishedFile(
                                        "cifar-10-binary.tar.gz",
                                        170_052_171,
                                        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                                        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
                                (folder, _) -> NamedImages.cifarBatches("cifar10", folder)),
                        Form.of(
                                (folder, reading) -> NamedImages.cifarStrips("cifar10", folder, reading),
                                new PublishedFile(
                                        "cifar10_train_1.png",
                                        21_557_187,
                                        "2cdf20e2f3e673c8dd572e901666b67113a2a4fdb533c5f7d4939a652d11ed6c",
                                        null),
                                new PublishedFile(
                                        "cifar10_train_2.png",
                                        21_582_961,
                                        "b093f836ffd9f138141ec4b40e2c3e63b057ea9d96a6f58698476faf019e0bc7",
                                        null),
                                new PublishedFile(
                                        "cifar10_test.png",
                                        21_568_288,
                                        "049f4af72f2c87398ac07faca437611977c87a6e40884810cc6316f6625da317",
                                        null),
                                new PublishedFile(
                                        "cifar10_labels.npz",
                                        30_225,
                                        "4a03675d86f2f1492d8efb47acded4b7ec50e02e7934b72597825b42f02d2b64",
                                        null))));
    }

    private static NamedSet caltech() {
        return new NamedSet(
                "caltech101-silhouettes",
                "Caltech 101 Silhouettes, 28 x 28, 1 is background, row by row (B. Marlin and others, 2010)",
                "train 4,100, valid 2,264, test 2,307, as published; labels 0..100",
                "none stated",
                List.of(Form.of(
                        (folder, _) -> NamedImages.packed(
                                "caltech101-silhouettes", folder.resolve("caltech101_silhouettes_28.npz"), true),
                        new PublishedFile(
                                "caltech101_silhouettes_28.npz",
                                299_389,
                                "17e8dbe2e195a2dc58515ced7f6a7292149c60426cc13248826468c621b83b6c",
                                null))));
    }

    private static NamedSet omniglot() {
        return new NamedSet(
                "omniglot-small",
                "Omniglot's two small background sets, reduced to 28 x 28, 1 is ink (B. Lake)",
                "train 2,720 (the first set), test 3,120 (the second); no published figure compares; labels",
                "MIT",
                List.of(Form.of(
                        (folder, _) ->
                                NamedImages.omniglot("omniglot-small", folder.resolve("omniglot_small_28x28.npz")),
                        new PublishedFile(
                                "omniglot_small_28x28.npz",
                                149_395,
                                "db5ed2639f30618f3bde8afc24897c8a4c7bb4a843fc660623a72b8fa278cb8a",
                                null))));
    }
}
