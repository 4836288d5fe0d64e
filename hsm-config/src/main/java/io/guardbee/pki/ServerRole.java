package io.guardbee.pki;

import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a TLS server of this installation is, as its certificate says. Clients require it beside the
 * root and the host name: a certificate for another purpose that holds the same host name does not
 * pass.
 */
public enum ServerRole {
  /** The provisioning service. */
  SERVICE("server", ServerRole.SERVICE_NAME),
  /** The MQTT listener of a broker. */
  BROKER("broker", null);

  /**
   * The CN of the service. It is no device id (it holds a space), so no grant can obtain it,
   * whatever its profile.
   */
  public static final String SERVICE_NAME = "Guardbee Service";

  /** RFC 5280 §4.2.1.12 id-kp-serverAuth. */
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

  private final String unit;
  private final @Nullable String name;

  ServerRole(String unit, @Nullable String name) {
    this.unit = unit;
    this.name = name;
  }

  /** The OU of such a certificate. */
  public String unit() {
    return unit;
  }

  /** Whether the certificate says that its holder is such a server. */
  public boolean isOf(X509Certificate leaf) {
    try {
      check(leaf);
      return true;
    } catch (CertificateException e) {
      return false;
    }
  }

  /**
   * Requires that a certificate, whose path to the root has been validated, is that of such a
   * server.
   *
   * <p>The issuer's name is enough to know the issuer: path validation found an authority of that
   * name below the root, and the root gives the name to operations authorities only.
   *
   * @throws CertificateException naming the certificate, what was expected and what was found
   */
  public void check(X509Certificate leaf) throws CertificateException {
    require(leaf, "issuer CN", names(leaf, true, "CN"), issuerName());
    require(leaf, "OU", names(leaf, false, "OU"), unit);
    if (name != null) {
      require(leaf, "CN", names(leaf, false, "CN"), name);
    }
    List<String> purposes = purposes(leaf);
    // an identity is for clients too, and its key lies where a server's key need not
    if (!purposes.contains(SERVER_AUTH) || purposes.contains(TrustedIssuers.CLIENT_AUTH)) {
      throw unfit(leaf, "its extended key usage is " + purposes);
    }
  }

  private static String issuerName() {
    return AuthorityName.commonName(Identity.OPERATIONS);
  }

  private void require(X509Certificate leaf, String what, List<String> found, String wanted)
      throws CertificateException {
    if (!found.equals(List.of(wanted))) {
      throw unfit(leaf, "its " + what + " is " + Quoted.of(String.join(", ", found)));
    }
  }

  private static List<String> names(X509Certificate leaf, boolean issuer, String type)
      throws CertificateException {
    try {
      Subject subject =
          Subject.of(issuer ? leaf.getIssuerX500Principal() : leaf.getSubjectX500Principal());
      return subject.multiValued() ? List.of() : subject.values(type);
    } catch (RefusedException e) {
      throw new CertificateException(e.line(), e);
    }
  }

  private static List<String> purposes(X509Certificate leaf) throws CertificateException {
    try {
      List<String> purposes = leaf.getExtendedKeyUsage();
      return purposes == null ? List.of() : purposes;
    } catch (GeneralSecurityException e) {
      throw new CertificateException(LeafChecks.describe(leaf) + " does not read", e);
    }
  }

  private CertificateException unfit(X509Certificate leaf, String found) {
    return new CertificateException(
        LeafChecks.describe(leaf)
            + " is not that of "
            + (this == SERVICE ? "the Guardbee service" : "a Guardbee broker")
            + ": expected "
            + (name == null ? "" : "CN=" + name + ",")
            + "OU="
            + unit
            + ", issued by CN="
            + issuerName()
            + " for serverAuth alone, but "
            + found);
  }
}
