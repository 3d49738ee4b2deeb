import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactorySpi;
import javax.net.ssl.X509TrustManager;
import java.security.cert.X509Certificate;

/** The component in a Java program: whom it trusts and which proxy it takes are Java's to say. */
public final class Checks {
    private static final String PASSWORD = "changeit";
    private static int passed;
    private static int failed;
    private static Path stores;

    private Checks() {}

    /** Arguments: component, native half, folder of key stores and, if any, of classes only the platform finds. */
    public static void main(String[] arguments) throws Exception {
        System.load(arguments[0]);
        System.load(arguments[1]);
        Driver.open(arguments[0]);
        stores = Path.of(arguments[2]);
        if (arguments.length > 3) {
            Driver.platform = new URLClassLoader(new URL[] {Path.of(arguments[3]).toUri().toURL()});
        }
        Class<?> rules = rulesOfDomains();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        HttpsServer good = serve("good");
        String url = "https://localhost:" + good.getAddress().getPort() + "/";

        for (boolean apart : new boolean[] {false, true}) {
            String where = apart ? "native thread" : "Java thread";
            check(where + ": the key store's authority is trusted", get(url, apart), "200 hello");
            for (String[] refused : new String[][] {
                {"stranger", "ValidatorException"}, {"wrong", "not valid for name"}, {"expired", "expired"}
            }) {
                HttpsServer server = serve(refused[0]);
                String bad = "https://localhost:" + server.getAddress().getPort() + "/";
                check(where + ": " + refused[0] + " is refused", get(bad, apart), "error", refused[1]);
                server.stop(0);
            }
        }
        check("the platform was asked for its class once", String.valueOf(Driver.asked), "1");
        if (rules != null) {
            byRulesOfDomains(rules);
        }
        threadsAreBalanced(threads);
        thrownByTrustManager();
        proxies();
        good.stop(0);
        System.out.println(failed == 0 ? "CHECKS " + passed : failed + " failed");
        System.exit(failed == 0 ? 0 : 1);
    }

    /** Android's class for the rules of domains, on the class path or where only the platform finds it. */
    private static Class<?> rulesOfDomains() {
        try {
            ClassLoader loader = Driver.platform == null ? Checks.class.getClassLoader() : Driver.platform;
            return loader.loadClass("android.net.http.X509TrustManagerExtensions");
        } catch (ClassNotFoundException absent) {
            return null;
        }
    }

    /** Where that class is there, it is asked, with the host. */
    private static void byRulesOfDomains(Class<?> rules) throws Exception {
        HttpsServer server = serve("good");
        String url = "https://localhost:" + server.getAddress().getPort() + "/";
        check("the host is told", String.valueOf(rules.getField("host").get(null)), "localhost");
        rules.getField("refuses").set(null, true);
        check("a rule refuses", get(url, true), "error", "no rule for localhost");
        rules.getField("refuses").set(null, false);
        check("and lets pass", get(url, false), "200 hello");
        server.stop(0);
    }

    private static void threadsAreBalanced(ThreadMXBean threads) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Callable<String>> warm = new ArrayList<>();
        for (int index = 0; index < 4; index++) {
            warm.add(() -> "");
        }
        pool.invokeAll(warm);
        // A new server, so that each has a handshake which cannot resume another's.
        List<HttpsServer> servers = new ArrayList<>();
        for (int index = 0; index < 6; index++) {
            servers.add(serve("good"));
        }
        int before = threads.getThreadCount();
        long started = threads.getTotalStartedThreadCount();
        List<Callable<String>> work = new ArrayList<>();
        for (int index = 0; index < 60; index++) {
            boolean apart = index % 2 == 0;
            String fresh = "https://localhost:" + servers.get(index % 6).getAddress().getPort() + "/";
            work.add(() -> get(fresh, apart));
        }
        int right = 0;
        for (Future<String> answer : pool.invokeAll(work)) {
            right += answer.get().equals("200 hello") ? 1 : 0;
        }
        check("requests of many threads", String.valueOf(right), "60");
        long attached = threads.getTotalStartedThreadCount() - started;
        check("threads were attached for them: " + attached, String.valueOf(attached >= 6), "true");
        long end = System.nanoTime() + 10_000_000_000L;
        while (threads.getThreadCount() > before && System.nanoTime() < end) {
            Thread.sleep(20);
        }
        check("and all detached", String.valueOf(threads.getThreadCount()), String.valueOf(before));
        pool.shutdown();
        servers.forEach(server -> server.stop(0));
    }

    private static void thrownByTrustManager() throws Exception {
        // Nobody has been here before: every connection needs the trust manager.
        HttpsServer server = serve("good");
        String url = "https://localhost:" + server.getAddress().getPort() + "/";
        Security.insertProviderAt(new Throwing(), 1);
        String[] texts = {"no entropy today", "x".repeat(5000)};
        for (String text : texts) {
            Throwing.text = text;
            String answer = get(url, true);
            String shown = text.length() > 200 ? "x".repeat(200) + "..." : text;
            check("an exception of a trust manager is an error", answer, "error", "java.lang.IllegalStateException: " + shown);
            check("of a bounded length", String.valueOf(answer.length() < 1500), "true");
            check("and nothing is pending", get(url, false), "error", shown);
        }
        Throwing.text = null;
        long began = System.nanoTime();
        String late = Driver.get(url, "{\"TotalTimeout\": 1}", true);
        check("a trust manager that hangs is left behind", late, "error", "Timeout exceeded");
        long seconds = (System.nanoTime() - began) / 1_000_000_000;
        check("at the deadline: " + seconds + " s", String.valueOf(seconds < 10), "true");
        Security.removeProvider("Throwing");
        check("trusted again", get(url, true), "200 hello");
        server.stop(0);
    }

    private static void proxies() throws Exception {
        HttpServer proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        proxy.createContext("/", exchange -> answer(exchange, "by proxy for " + exchange.getRequestURI()));
        proxy.start();
        int port = proxy.getAddress().getPort();
        ProxySelector original = ProxySelector.getDefault();

        for (boolean apart : new boolean[] {false, true}) {
            String name = apart ? "http://native.test/" : "http://java.test/";
            ProxySelector.setDefault(new Selecting(Proxy.Type.HTTP, port, null));
            check("the selector's proxy is taken", get(name, apart), "200 by proxy for " + name);
        }
        check("the selector saw no path", String.valueOf(Selecting.seen), "http://native.test:80/");

        HttpServer direct = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        direct.createContext("/", exchange -> answer(exchange, "direct"));
        direct.start();
        String straight = "http://direct.test:" + direct.getAddress().getPort() + "/";
        String options = "{\"AddressOverrides\": {\"direct.test\": \"127.0.0.1\", \"past.test\": \"127.0.0.1\"}}";
        ProxySelector.setDefault(new Selecting(Proxy.Type.DIRECT, port, null));
        check("straight when it says so", Driver.get(straight, options, true), "200 direct");

        ProxySelector.setDefault(new Selecting(Proxy.Type.HTTP, port, new UnsupportedOperationException("not today")));
        check("its exception is an error", get("http://thrown.test/", true), "error", "UnsupportedOperationException: not today");

        ProxySelector.setDefault(new Selecting(Proxy.Type.HTTP, 0, null));
        check("a proxy without a port is an error", get("http://portless.test/", true), "error", "127.0.0.1:0");

        System.setProperty("http.proxyHost", "127.0.0.1");
        System.setProperty("http.proxyPort", String.valueOf(port));
        System.setProperty("http.nonProxyHosts", "*past.test|localhost");
        ProxySelector.setDefault(original);
        check("properties through the system's selector", get("http://property.test/", true), "200 by proxy");
        ProxySelector.setDefault(null);
        check("properties without a selector", get("http://property2.test/", true), "200 by proxy");
        String past = "http://past.test:" + direct.getAddress().getPort() + "/";
        check("and their exceptions", Driver.get(past, options, false), "200 direct");
        check("told otherwise, Java is not asked", Driver.get(straight, options.replace("{\"Add", "{\"Proxy\": false, \"Add"), true), "200 direct");
        ProxySelector.setDefault(original);
        proxy.stop(0);
        direct.stop(0);
    }

    private static String get(String url, boolean apart) {
        return Driver.get(url, "", apart);
    }

    /** Every part has to be there; letter case does not matter. */
    private static void check(String what, String got, String... parts) {
        boolean right = true;
        for (String part : parts) {
            right &= got.toLowerCase().contains(part.toLowerCase());
        }
        if (right) {
            passed++;
        } else {
            failed++;
            System.out.println("FAILED " + what + ": expected " + String.join(" ... ", parts) + ", got " + got);
        }
    }

    /** A server with the certificate of one of the key stores. */
    private static HttpsServer serve(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(stores.resolve(name + ".p12"))) {
            store.load(file, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> answer(exchange, "hello"));
        server.start();
        return server;
    }

    private static void answer(com.sun.net.httpserver.HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** A selector that says what it is told to. */
    private static final class Selecting extends ProxySelector {
        static volatile String seen;
        private final Proxy.Type type;
        private final int port;
        private final RuntimeException thrown;

        Selecting(Proxy.Type type, int port, RuntimeException thrown) {
            this.type = type;
            this.port = port;
            this.thrown = thrown;
        }

        @Override
        public List<Proxy> select(URI uri) {
            seen = uri.toString();
            if (thrown != null) {
                throw thrown;
            }
            return List.of(type == Proxy.Type.DIRECT ? Proxy.NO_PROXY
                : new Proxy(type, InetSocketAddress.createUnresolved("127.0.0.1", port)));
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException error) {}
    }

    /** A provider whose trust managers throw what no trust manager should. */
    public static final class Throwing extends Provider {
        private static final long serialVersionUID = 1;
        static volatile String text;

        Throwing() {
            super("Throwing", "1", "for a test");
            put("TrustManagerFactory.PKIX", Factory.class.getName());
        }

        private static void hang() {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        }

        /** Made by name. */
        public static final class Factory extends TrustManagerFactorySpi {
            @Override
            protected void engineInit(KeyStore store) {}

            @Override
            protected void engineInit(ManagerFactoryParameters parameters) {}

            @Override
            protected TrustManager[] engineGetTrustManagers() {
                return new TrustManager[] {new X509TrustManager() {
                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String kind) {}

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String kind) {
                        if (text == null) {
                            hang();
                        }
                        throw new IllegalStateException(text);
                    }

                    @Override
                    public X509Certificate[] getAcceptedIssuers() {
                        return new X509Certificate[0];
                    }
                }};
            }
        }
    }
}
