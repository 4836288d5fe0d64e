package io.guardbee.service.api;

import io.guardbee.pki.Fingerprint;
import io.guardbee.service.grant.Holder;
import io.guardbee.service.grant.IdRule;
import io.guardbee.service.grant.StandingGrant;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A standing grant as operators see it.
 *
 * @param status {@code open}, {@code withdrawn}, {@code expired} or {@code exhausted}
 * @param used devices that it has let in
 * @param names on its list
 */
record GrantView(
    String name,
    String kind,
    String status,
    List<String> profiles,
    @Nullable Integer budget,
    int used,
    boolean anyName,
    boolean mayReplace,
    int names,
    @Nullable Instant until,
    List<Certificate> certificates,
    @Nullable String idFrom,
    @Nullable String idPattern,
    @Nullable String idTemplate,
    @Nullable Integer perMinute,
    String createdBy,
    Instant created,
    @Nullable Instant withdrawn) {

  /** A certificate that the grant was made with. */
  record Certificate(String subject, String fingerprint, Instant notAfter) {
    static Certificate of(X509Certificate certificate) {
      return new Certificate(
          certificate.getSubjectX500Principal().getName(),
          Fingerprint.of(certificate).toString(),
          certificate.getNotAfter().toInstant());
    }
  }

  static GrantView of(StandingGrant grant, int names, Instant now) {
    IdRule ids = grant.holder() instanceof Holder.Manufacturer maker ? maker.ids() : null;
    return new GrantView(
        grant.name(),
        grant.holder().way().toString(),
        grant.status(now),
        grant.terms().profiles(),
        grant.terms().budget(),
        grant.used(),
        grant.terms().anyName(),
        grant.terms().mayReplace(),
        names,
        grant.terms().until(),
        grant.holder().certificates().stream().map(Certificate::of).toList(),
        ids == null ? null : ids.attribute(),
        ids == null ? null : ids.pattern(),
        ids == null ? null : ids.template(),
        grant.holder() instanceof Holder.Claim claim ? claim.perMinute() : null,
        grant.course().by(),
        grant.course().created(),
        grant.course().withdrawn());
  }
}
