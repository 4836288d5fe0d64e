package io.guardbee.service.grant;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import io.guardbee.service.profile.Name;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.request.CertificateRequest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names of the certificate that is to be renewed: a renewal may leave names out, since the
 * service knows them, but must not bring others (RFC 7030 §4.2.2). A renewal is admitted by these
 * alone, so that each of its ways compares them.
 */
public final class PresentNames {

  private final Subject subject;
  private final Set<Name> names;

  private final Instant until;

  private PresentNames(X509Certificate present) {
    this.subject = Subject.of(present.getSubjectX500Principal());
    this.names = names(present);
    this.until = present.getNotAfter().toInstant();
  }

  /** Those of the certificate that the caller has shown, found good for a renewal. */
  public static PresentNames of(X509Certificate present) {
    return new PresentNames(present);
  }

  /** The profile that the certificate names; blank where it names none. */
  String profile() {
    return String.join(" ", subject.values("OU"));
  }

  /**
   * The names that a renewal keeps: those that a grant gave; and where the request leaves names
   * out, all that the profile lets it ask for (RFC 7030 §4.2.2 has them unchanged).
   *
   * @param given by the grants of the device
   */
  List<Name> kept(CertificateRequest request, Profile profile, Set<Name> given) {
    boolean silent = request.names().isEmpty();
    return names.stream()
        .filter(name -> given.contains(name) || (silent && profile.letsAskFor(name)))
        .filter(profile::letsGrant)
        .sorted(Comparator.comparing(Name::toString))
        .toList();
  }

  /** The certificate's end. */
  Instant until() {
    return until;
  }

  /**
   * Compares: a request passes here on every way to a renewal.
   *
   * @throws RefusedException {@link Reason#CSR_NAME_MISMATCH}
   */
  void require(CertificateRequest request) {
    List<String> others = new ArrayList<>();
    for (Subject.Value value : request.subject().attributes()) {
      if (!subject.values(value.type()).contains(value.value())) {
        others.add(value.type() + "=" + value.value());
      }
    }
    for (Name name : request.names()) {
      if (!names.contains(name) && !subject.values("CN").contains(name.value())) {
        others.add(name.toString());
      }
    }
    if (!others.isEmpty()) {
      throw new RefusedException(
          Reason.CSR_NAME_MISMATCH,
          "the request asks for "
              + Quoted.of(String.join(", ", others))
              + ", which the certificate of "
              + subject
              + " does not have",
          "renew with the same names or none; other names need a new grant");
    }
  }

  private static Set<Name> names(X509Certificate certificate) {
    try {
      Set<Name> names = new HashSet<>();
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      for (List<?> one : all == null ? List.<List<?>>of() : all) {
        Name.Kind kind = kind((Integer) one.get(0));
        if (kind != null) {
          names.add(new Name(kind, one.get(1).toString()));
        }
      }
      return names;
    } catch (CertificateParsingException e) {
      return Set.of(); // names that do not read are no names
    }
  }

  /** By the number of the GeneralName (RFC 5280 §4.2.1.6). */
  private static Name.@Nullable Kind kind(int number) {
    return switch (number) {
      case 1 -> Name.Kind.EMAIL;
      case 2 -> Name.Kind.DNS;
      case 6 -> Name.Kind.URI;
      case 7 -> Name.Kind.IP;
      default -> null;
    };
  }
}
