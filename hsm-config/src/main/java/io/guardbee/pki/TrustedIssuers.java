package io.guardbee.pki;

import io.guardbee.pki.VerifiedLeaves.Verified;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * The authorities whose certificates are believed, by role. Decides whether a presented certificate
 * is good at a moment; whether it is revoked is decided elsewhere. Thread-safe: the authorities
 * never change, and what is remembered of certificates only saves work.
 */
public final class TrustedIssuers {

  /** RFC 5280 §4.2.1.12 id-kp-clientAuth. */
  public static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

  private final Map<String, List<X509Certificate>> byRole;
  private final Map<X500Principal, List<Authority>> byName = new HashMap<>();
  private final VerifiedLeaves verified = new VerifiedLeaves();

  /**
   * Authorities that are believed as they are.
   *
   * @param byRole their certificates, by role such as {@code issuing}; a role may be filled by
   *     several during a rollover. One that is unfit to certify clients vouches for nobody
   */
  public TrustedIssuers(Map<String, List<X509Certificate>> byRole) {
    this(
        Map.copyOf(byRole),
        byRole.entrySet().stream()
            .flatMap(role -> role.getValue().stream().map(c -> Authority.anchor(role.getKey(), c)))
            .toList());
  }

  private TrustedIssuers(Map<String, List<X509Certificate>> byRole, List<Authority> authorities) {
    this.byRole = byRole;
    for (Authority authority : authorities) {
      byName
          .computeIfAbsent(
              authority.certificate().getSubjectX500Principal(), name -> new ArrayList<>())
          .add(authority);
    }
  }

  /** Authorities of one role that others vouch for. */
  public static TrustedIssuers of(String role, List<AuthorityPath> paths) {
    return new TrustedIssuers(
        Map.of(role, paths.stream().map(AuthorityPath::authority).toList()),
        paths.stream().map(path -> Authority.of(role, path)).toList());
  }

  /** Certificates of the authorities, by role. */
  public Map<String, List<X509Certificate>> byRole() {
    return byRole;
  }

  /** All authorities, for the list a TLS server shows its clients. */
  public List<X509Certificate> all() {
    List<X509Certificate> all = new ArrayList<>();
    new TreeMap<>(byRole).values().forEach(all::addAll);
    return all;
  }

  /**
   * Checks a client certificate: signed by one of these authorities (itself within its validity),
   * within its validity, an end-entity certificate, for client authentication, of the form that RFC
   * 5280 wants, with a key and a signature that nobody forges, with names that the authority may
   * certify.
   *
   * @return who it speaks for
   * @throws RefusedException with the first check that failed
   */
  public Identity identify(X509Certificate certificate, Instant now) {
    byte[] encoded = LeafChecks.encoded(certificate);
    byte[] digest = VerifiedLeaves.digest(encoded);
    Verified known = verified.find(digest);
    if (known == null || !isGood(known.by(), now)) {
      Authority authority = authorityOf(certificate, now);
      LeafChecks.checkValidity(certificate, now);
      LeafChecks.check(certificate, encoded);
      authority.checkNames(certificate, now);
      Subject subject = Subject.of(certificate.getSubjectX500Principal());
      known = new Verified(authority, new Identity(authority.role(), subject));
      verified.remember(digest, known);
    }
    LeafChecks.checkValidity(certificate, now);
    return known.identity();
  }

  private static boolean isGood(Authority authority, Instant now) {
    try {
      authority.checkValidity(now);
      return true;
    } catch (RefusedException e) {
      return false; // another certificate of the same authority may be valid now
    }
  }

  private Authority authorityOf(X509Certificate certificate, Instant now) {
    RefusedException defect = null;
    X500Principal issuer = certificate.getIssuerX500Principal();
    for (Authority authority : byName.getOrDefault(issuer, List.of())) {
      if (authority.hasSigned(certificate)) {
        try {
          authority.checkValidity(now);
          return authority;
        } catch (RefusedException e) {
          defect = e; // another certificate of the same authority may be valid now
        }
      }
    }
    throw refusal(certificate, defect);
  }

  private static RefusedException refusal(
      X509Certificate certificate, @Nullable RefusedException defect) {
    if (defect != null) {
      return defect;
    }
    return new RefusedException(
        Reason.CERTIFICATE_UNTRUSTED,
        LeafChecks.describe(certificate)
            + " is issued by "
            + Quoted.of(certificate.getIssuerX500Principal().getName())
            + ", which is not trusted here",
        "enrol with this Guardbee, or present the certificate that it issued");
  }
}
