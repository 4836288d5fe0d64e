package io.guardbee.service.explain;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.TrustedIssuers;
import io.guardbee.service.approval.Approvals;
import io.guardbee.service.attempt.Attempts;
import io.guardbee.service.attempt.Past;
import io.guardbee.service.profile.Profiles;
import io.guardbee.service.store.Database;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tells why a device, a certificate or a request gets what it gets. Changes nothing. Thread-safe.
 */
public final class Explain {

  private static final int ATTEMPTS = 20;

  /** What a device tried is summed up over so many of the rows about it. */
  private static final int REFUSALS = 200;

  private final Records records;
  private final Attempts attempts;
  private final Profiles profiles;
  private final TrustedIssuers trusted;
  private final Approvals approvals;
  private final Clock clock;

  /** Whom it asks. */
  public record Parts(
      Database database,
      Attempts attempts,
      Profiles profiles,
      TrustedIssuers trusted,
      Approvals approvals) {}

  public Explain(Parts parts, Clock clock) {
    this.records = new Records(parts.database());
    this.attempts = parts.attempts();
    this.profiles = parts.profiles();
    this.trusted = parts.trusted();
    this.approvals = parts.approvals();
    this.clock = clock;
  }

  /** A device, known or not: what was refused to it is told in any case. */
  public Report device(DeviceId deviceId) {
    return report("device", List.of(), Optional.of(dossier(deviceId)));
  }

  /**
   * A certificate or a request for one.
   *
   * @param document PEM, DER, or base64 of DER
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED} when it is neither
   */
  public Report document(byte[] document) {
    Document read = Document.of(document);
    return read.isRequest() ? request(read.der()) : certificate(Pem.decode(read.der()));
  }

  private Report certificate(X509Certificate certificate) {
    CertificateFindings findings =
        new CertificateFindings(trusted, records, certificate, clock.instant());
    return report("certificate", findings.all(), findings.device().map(this::dossier));
  }

  private Report request(byte[] der) {
    RequestFindings findings = new RequestFindings(records, der);
    Optional<Dossier> dossier = findings.device().map(this::dossier);
    List<Finding> all = new ArrayList<>(findings.all());
    dossier.ifPresent(known -> all.addAll(findings.entitled(known)));
    return report("request", all, dossier);
  }

  private Dossier dossier(DeviceId id) {
    return new Dossier(
        id,
        clock.instant(),
        records.device(id.value()),
        records.tokens(id.value()),
        records.certificates(id.value()),
        records.grants(id.value()),
        approvals.of(id),
        attempts.newest(id.value(), REFUSALS),
        profiles);
  }

  private Report report(String kind, List<Finding> own, Optional<Dossier> dossier) {
    List<Finding> findings = new ArrayList<>(own);
    Optional<DeviceFindings> device = dossier.map(DeviceFindings::new);
    device.ifPresent(known -> findings.addAll(known.all()));
    String nextStep =
        own.stream()
            .filter(Finding::isBad)
            .map(Finding::nextStep)
            .filter(Objects::nonNull)
            .findFirst()
            .orElseGet(() -> device.map(DeviceFindings::nextStep).orElse("nothing to do"));
    return new Report(
        kind,
        dossier.map(known -> known.id().value()).orElse(null),
        findings,
        dossier.map(Explain::tokens).orElse(List.of()),
        dossier.map(Explain::certificates).orElse(List.of()),
        device.map(DeviceFindings::mayAskFor).orElse(List.of()),
        dossier.map(Explain::attempts).orElse(List.of()),
        nextStep);
  }

  private static List<Report.Token> tokens(Dossier dossier) {
    return dossier.tokens().stream()
        .map(
            token ->
                new Report.Token(
                    token.state(dossier.now()),
                    token.profile(),
                    token.granted(),
                    token.expires(),
                    token.used(),
                    token.withdrawn()))
        .toList();
  }

  private static List<Report.Certificate> certificates(Dossier dossier) {
    return dossier.certificates().stream()
        .map(
            one ->
                new Report.Certificate(
                    one.serial(),
                    one.issuer(),
                    one.state(dossier.now()),
                    one.way(),
                    one.notBefore(),
                    one.until(),
                    one.revoked(),
                    one.revocationReason()))
        .toList();
  }

  private static List<Report.Attempt> attempts(Dossier dossier) {
    return Stream.concat(
            dossier.refusals().stream().map(Explain::attempt),
            dossier.certificates().stream().flatMap(Explain::attempt))
        .sorted(Comparator.comparing(Report.Attempt::at).reversed())
        .limit(ATTEMPTS)
        .toList();
  }

  private static Report.Attempt attempt(Past past) {
    return new Report.Attempt(
        past.last(),
        past.reason(),
        past.times(),
        past.door(),
        past.address(),
        past.request(),
        past.detail(),
        past.nextStep());
  }

  private static Stream<Report.Attempt> attempt(Records.Certificate certificate) {
    Instant issued = certificate.issued();
    String detail = "certificate " + certificate.serial() + " by right of " + certificate.way();
    return issued == null
        ? Stream.empty()
        : Stream.of(new Report.Attempt(issued, "issued", 1, null, null, null, detail, null));
  }
}
