package android.net.http;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509TrustManager;

/** Stands for Android's class of this name, which a desktop VM does not have. */
public class X509TrustManagerExtensions {
    /** The host it was asked about last. */
    public static volatile String host;
    /** Whether the rules of the application refuse. */
    public static volatile boolean refuses;

    private final X509TrustManager manager;

    public X509TrustManagerExtensions(X509TrustManager manager) {
        this.manager = manager;
    }

    public List<X509Certificate> checkServerTrusted(X509Certificate[] chain, String authentication, String name)
            throws CertificateException {
        host = name;
        if (refuses) {
            throw new CertificateException("no rule for " + name);
        }
        manager.checkServerTrusted(chain, authentication);
        return List.of(chain);
    }
}
