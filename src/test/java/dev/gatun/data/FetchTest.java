package dev.gatun.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gatun.file.Checksum;
import dev.gatun.file.FormatException;
import dev.gatun.file.ImageBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server of this machine, which knows ranges or does not, and breaks off when it is told to. */
class FetchTest {
    private static final int SIZE = 300_000;

    @TempDir
    private Path folder;

    private final List<String> ranges = new ArrayList<>();
    private byte[] content = new byte[SIZE];
    private boolean knowsRanges = true;
    private int breaksOffAt = Integer.MAX_VALUE;
    private HttpServer server;
    private String url;
    private PublishedFile file;

    @BeforeEach
    void serve() throws IOException {
        new SplittableRandom(1).nextBytes(content);
        Path there = Files.write(folder.resolve("there"), content);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/x.bin", this::answer);
        server.start();
        url = "http://localhost:" + server.getAddress().getPort() + "/x.bin";
        file = new PublishedFile("in/x.bin", SIZE, Checksum.sha256(there), url);
    }

    @AfterEach
    void end() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        ranges.add(String.valueOf(range));
        int from = 0;
        if (range != null && knowsRanges) {
            from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        int to = Math.min(content.length, breaksOffAt);
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, 0);
        exchange.getResponseBody().write(content, from, to - from);
        exchange.close();
    }

    private boolean fetch() throws IOException {
        return Fetch.fetch(file, url, folder, _ -> {});
    }

    private Path target() {
        return folder.resolve("in/x.bin");
    }

    @Test
    void fetchesOnceAndChecks() throws IOException {
        List<Long> progress = new ArrayList<>();
        assertThat(Fetch.fetch(file, url, folder, progress::add)).isTrue();

        assertThat(target()).hasBinaryContent(content);
        assertThat(target().getParent()).isDirectoryNotContaining("glob:**.part");
        assertThat(progress.getLast()).isEqualTo(SIZE);
        assertThat(fetch()).as("is there").isFalse();
        assertThat(ranges).containsExactly("null");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void goesOnWhereItWasBrokenOff(boolean ranged) throws IOException {
        knowsRanges = ranged;
        breaksOffAt = 100_000;
        assertThatThrownBy(this::fetch)
                .hasMessage(
                        url + ": ended after 100000 of " + SIZE + " bytes, which are kept; the same command goes on");
        assertThat(target()).doesNotExist();
        assertThat(folder.resolve("in/x.bin.part")).hasSize(100_000);
        breaksOffAt = Integer.MAX_VALUE;
        assertThat(fetch()).isTrue();
        assertThat(target()).hasBinaryContent(content);
        assertThat(ranges).containsExactly("null", "bytes=100000-");
    }

    @Test
    void otherContentIsDeleted() throws IOException {
        content = content.clone();
        content[SIZE - 1] ^= 1;
        assertThatThrownBy(this::fetch)
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(target() + ": what came from " + url + " is another file: has the SHA-256 ")
                .hasMessageEndingWith(", expected " + file.sha256());
        assertThat(target().getParent()).isEmptyDirectory();
        content = Arrays.copyOf(content, 2 * SIZE);
        assertThatThrownBy(this::fetch).hasMessageContaining("has " + (SIZE + 1) + " bytes, expected " + SIZE);
        Files.write(target(), new byte[3]);
        assertThatThrownBy(this::fetch).hasMessage(target() + ": has 3 bytes, expected " + SIZE);
    }

    @Test
    void addressesThatDoNotAnswerAreNamed() {
        String none = url.replace("x.bin", "none");
        assertThatThrownBy(() -> Fetch.fetch(file, none, folder, _ -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage(none + ": the server answers 404");
        assertThatThrownBy(() -> Fetch.fetch(file, "a b", folder, _ -> {})).hasMessageContaining("a b: is no address");
    }

    @Test
    void filesAreAddressesToo() throws IOException {
        Files.createDirectories(target().getParent());
        Files.write(folder.resolve("in/x.bin.part"), Arrays.copyOf(content, 1000));
        Path there = folder.resolve("there");
        assertThat(Fetch.fetch(file, there.toUri().toString(), folder, _ -> {})).isTrue();
        assertThat(target()).hasBinaryContent(content);
        assertThat(ranges).isEmpty();
    }

    private static byte[] entry(String name, byte[] content) {
        byte[] header = new byte[512];
        put(header, 0, name);
        put(header, 124, "%011o".formatted(content.length));
        header[156] = '0';
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte value : header) {
            sum += value & 0xff;
        }
        put(header, 148, "%06o".formatted(sum));
        header[154] = 0;
        byte[] all = Arrays.copyOf(header, 512 + Math.ceilDiv(content.length, 512) * 512);
        System.arraycopy(content, 0, all, 512, content.length);
        return all;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    @Test
    void filesComeOutOfTheirArchive() throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        tar.write(entry("d/readme", new byte[700]));
        tar.write(entry("d/a", Arrays.copyOf(content, 513)));
        tar.write(entry("d/b", new byte[0]));
        tar.write(new byte[1024]);
        Path packed = Files.write(folder.resolve("x.tar.gz"), ImageBytes.gzip(tar.toByteArray()));
        PublishedFile archive =
                new PublishedFile("x.tar.gz", Files.size(packed), Checksum.sha256(packed), "http://localhost/");
        Path a = Files.write(folder.resolve("a"), Arrays.copyOf(content, 513));
        PublishedFile inside = new PublishedFile("d/a", 513, Checksum.sha256(a), null);
        NamedSet.Form form = new NamedSet.Form(List.of(inside), archive, (_, _) -> new Digits());

        Fetch.unpack(form, archive, folder);
        assertThat(folder.resolve("d/a")).hasBinaryContent(Arrays.copyOf(content, 513));
        assertThat(folder.resolve("d/readme")).doesNotExist();

        PublishedFile none = new PublishedFile("d/none", 1, inside.sha256(), null);
        NamedSet.Form lacking = new NamedSet.Form(List.of(none), archive, (_, _) -> new Digits());
        assertThatThrownBy(() -> Fetch.unpack(lacking, archive, folder))
                .isInstanceOf(FormatException.class)
                .hasMessage(packed + ": lacks [d/none]");
        byte[] damaged = tar.toByteArray();
        damaged[130] ^= 1;
        Files.write(packed, damaged);
        assertThatThrownBy(() -> Fetch.unpack(form, archive, folder))
                .hasMessageContaining("a header's checksum is wrong");
        Files.write(packed, Arrays.copyOf(tar.toByteArray(), 512 * 4));
        assertThatThrownBy(() -> Fetch.unpack(form, archive, folder)).isInstanceOf(IOException.class);
        assertThat(folder.resolve("d/a")).hasSize(513);
    }
}
