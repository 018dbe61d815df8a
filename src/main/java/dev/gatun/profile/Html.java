package dev.gatun.profile;

/** What the pages have in common. */
public final class Html {
    /** For the beginning of a page; follows the reader's choice of light or dark. */
    public static final String STYLE = """
            :root{color-scheme:light dark;--ink:#1b1f24;--dim:#6a737d;--line:#d0d7de;--mark:#0969da;--back:#fff}
            @media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9198a1;--line:#3d444d;--mark:#58a6ff;--back:#0d1117}}
            body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);max-width:52rem;margin:1.5rem auto;padding:0 1rem}
            svg{width:100%;height:auto}text{fill:var(--dim);font:11px system-ui,sans-serif}
            .axis,.roof{stroke:var(--line);fill:none}.roof{stroke:var(--dim)}.point{fill:var(--mark)}.name{fill:var(--ink)}
            .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
            th,td{padding:.25rem .5rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
            th:first-child,td:first-child{text-align:left}
            """;

    private Html() {}

    /** The beginning of a page. */
    public static String head(String title) {
        return "<!doctype html><html lang=en><meta charset=utf-8>"
                + "<meta name=viewport content=\"width=device-width,initial-scale=1\"><title>" + escaped(title)
                + "</title><style>" + STYLE + "</style><h1>" + escaped(title) + "</h1><p>" + escaped(machine())
                + "</p>";
    }

    private static String machine() {
        return System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors, Java " + Runtime.version();
    }

    /** Three digits. */
    public static String number(double value) {
        return value >= 10 ? "%.0f".formatted(value) : "%.3g".formatted(value);
    }

    /** A time in a unit of its size. */
    public static String time(double seconds) {
        if (seconds < 1e-6) {
            return "%.0f ns".formatted(seconds * 1e9);
        }
        return seconds < 1e-3 ? "%.2f us".formatted(seconds * 1e6) : "%.3f ms".formatted(seconds * 1e3);
    }

    /** Text as it stands in a page. */
    public static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
