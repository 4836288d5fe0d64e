package io.guardbee.broker.trust;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.status.Instructions;
import io.guardbee.pki.AuthorityPath;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.ceremony.AuthorityRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What the operator has put on this node, by which everything that is told is judged: whoever
 * speaks as the service cannot make this node believe an authority that these do not vouch for.
 *
 * @param roots of {@code trust.service}
 * @param issuing of {@code trust.issuing}, believed as they are
 */
record Anchors(List<X509Certificate> roots, List<X509Certificate> issuing) {

  private static final int MOST = 100;

  Anchors {
    roots = List.copyOf(roots);
    issuing = List.copyOf(issuing);
  }

  static Anchors read(BrokerConfig config) {
    List<X509Certificate> issuing = new ArrayList<>();
    for (Path file : config.issuing()) {
      issuing.addAll(read("trust.issuing", file, "ca/issuing.pem"));
    }
    return new Anchors(read("trust.service", config.serviceTrust(), "ca/root.pem"), issuing);
  }

  private static List<X509Certificate> read(String key, Path file, String original) {
    String nextStep = "copy " + original + " of the service's home there";
    try {
      return Pem.readCertificates(file);
    } catch (IOException e) {
      throw invalid("cannot read " + key + " " + file, nextStep);
    } catch (RefusedException e) {
      throw invalid(key + " " + e.detail(), nextStep);
    }
  }

  private static RefusedException invalid(String detail, String nextStep) {
    return new RefusedException(Reason.CONFIGURATION_INVALID, detail, nextStep);
  }

  /**
   * The authorities of the files.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when one is not fit to be one
   */
  List<AuthorityPath> paths(Instant now) {
    return issuing.stream().map(authority -> own(authority, now)).toList();
  }

  private AuthorityPath own(X509Certificate authority, Instant now) {
    try {
      return AuthorityPath.find(authority, issuing, roots, now);
    } catch (RefusedException e) {
      if (e.reason() != Reason.CERTIFICATE_UNTRUSTED) {
        throw invalid("trust.issuing: " + e.detail(), e.nextStep());
      }
    }
    return asItsOwnAnchor(authority);
  }

  /** Of a hierarchy whose root this node does not know: the operator's word is enough. */
  private static AuthorityPath asItsOwnAnchor(X509Certificate authority) {
    try {
      AuthorityPath path = new AuthorityPath(authority, List.of());
      if (path.limitsNames()) { // which a validation from the authority down would pass over
        throw invalid(
            "trust.issuing "
                + authority.getSubjectX500Principal()
                + " has name constraints, and its root is not known here",
            "add its root to the file that trust.service names");
      }
      return path;
    } catch (RefusedException e) {
      throw invalid("trust.issuing: " + e.detail(), e.nextStep());
    }
  }

  /**
   * The ceremony records that were told, each signed by a root of this node.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED} when one is not
   */
  AuthorityRecords records(Instructions.Trust told) {
    return AuthorityRecords.verify(roots, told.records(), told.crl());
  }

  /**
   * The authorities that were told. Of each a record says that it is an issuing CA, or this node
   * knows it from its files, and no list of the root revokes it.
   *
   * @param records those that were told
   * @throws RefusedException when one does not hold: then none of them does
   */
  List<AuthorityPath> judge(Instructions.Trust told, AuthorityRecords records, Instant now) {
    requireBounds(told);
    told.issuing().forEach(authority -> requireIssuing(authority, records));
    return paths(told, now);
  }

  /**
   * The authorities that a node of an earlier version was told and has kept: no record came with
   * them. They hold until the service tells records.
   */
  List<AuthorityPath> recall(Instructions.Trust kept, Instant now) {
    requireBounds(kept);
    return paths(kept, now);
  }

  private static void requireBounds(Instructions.Trust told) {
    int count = told.issuing().size();
    if (count == 0 || count > MOST || told.roots().size() > MOST) {
      throw new RefusedException(
          Reason.CERTIFICATE_UNTRUSTED,
          count + " issuing authorities and " + told.roots().size() + " roots were told",
          "tell from 1 to " + MOST);
    }
  }

  private void requireIssuing(X509Certificate authority, AuthorityRecords records) {
    boolean recorded = records.isAuthority(Identity.ISSUING, authority);
    boolean other = records.isAuthority(Identity.OPERATIONS, authority);
    boolean own = issuing.contains(authority) && !other;
    if (records.isRevoked(authority) || !(recorded || own)) {
      throw new RefusedException(
          Reason.CERTIFICATE_UNTRUSTED,
          authority.getSubjectX500Principal()
              + " "
              + Serial.of(authority)
              + (records.isRevoked(authority)
                  ? " is revoked by the root"
                  : " is no issuing CA by any ceremony record of the root"),
          "see guardbee ca show on the service's machine");
    }
  }

  private List<AuthorityPath> paths(Instructions.Trust told, Instant now) {
    List<X509Certificate> known = roots.stream().filter(told.roots()::contains).toList();
    return told.issuing().stream()
        .distinct()
        .map(
            authority ->
                issuing.contains(authority)
                    ? own(authority, now)
                    : AuthorityPath.find(authority, told.issuing(), known, now))
        .toList();
  }
}
