package io.guardbee.service.explain;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.Subject;
import io.guardbee.pki.TrustedIssuers;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is found of one certificate. */
final class CertificateFindings {

  private final TrustedIssuers trusted;
  private final Records records;
  private final X509Certificate certificate;
  private final Instant now;

  CertificateFindings(
      TrustedIssuers trusted, Records records, X509Certificate certificate, Instant now) {
    this.trusted = trusted;
    this.records = records;
    this.certificate = certificate;
    this.now = now;
  }

  List<Finding> all() {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.note(
            "subject",
            Quoted.line(certificate.getSubjectX500Principal().getName())
                + ", serial "
                + Quoted.line(certificate.getSerialNumber().toString(16))));
    findings.add(chain());
    findings.add(validity());
    Optional<Records.Certificate> record = record();
    if (record.isPresent()) {
      findings.addAll(onRecord(record.get()));
    } else {
      findings.add(
          Finding.bad(
              "record",
              "it is not among the certificates issued here",
              "present a certificate that this Guardbee issued, or enrol; after a restore: guardbee"
                  + " restore reconcile --adopt --cert FILE"));
    }
    KeyFindings keys = new KeyFindings(records);
    findings.add(keys.kind(certificate.getPublicKey()));
    findings.add(
        keys.owner(Fingerprint.of(certificate.getPublicKey().getEncoded()), Optional.empty()));
    return findings;
  }

  /** Whose it is, by the record and never by its subject alone. */
  Optional<DeviceId> device() {
    return record().map(Records.Certificate::deviceId).map(DeviceId::new);
  }

  /** By the authority that signed it: serial numbers are unique for each. */
  private Optional<Records.Certificate> record() {
    Optional<String> role = role();
    try {
      Serial serial = Serial.of(certificate);
      return role.flatMap(issuer -> records.certificate(issuer, serial));
    } catch (RefusedException e) {
      return Optional.empty();
    }
  }

  /** Whatever its validity and its purpose. */
  private Optional<String> role() {
    return trusted.byRole().entrySet().stream()
        .filter(entry -> entry.getValue().stream().anyMatch(this::isSignedBy))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private boolean isSignedBy(X509Certificate authority) {
    try {
      certificate.verify(authority.getPublicKey());
      return certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private Finding chain() {
    String issuer = Quoted.line(certificate.getIssuerX500Principal().getName());
    try {
      Identity identity = trusted.identify(certificate, now);
      return Finding.good(
          "chain", "issued by " + issuer + ", the " + identity.issuer() + " CA of this Guardbee");
    } catch (RefusedException e) {
      return role().isPresent() && !now.isBefore(certificate.getNotAfter().toInstant())
          ? Finding.good("chain", "issued by " + issuer + ", a CA of this Guardbee")
          : Finding.bad("chain", e);
    }
  }

  private Finding validity() {
    Instant from = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    if (now.isBefore(from)) {
      return Finding.bad("validity", "it is good only from " + from, "set the clock, or wait");
    }
    return now.isBefore(until)
        ? Finding.good("validity", "from " + from + " until " + until)
        : Finding.bad("validity", "it ended at " + until, "see below what the device may ask for");
  }

  private List<Finding> onRecord(Records.Certificate record) {
    List<Finding> findings = new ArrayList<>();
    String device = record.deviceId();
    findings.add(
        Finding.note(
            "record",
            (device == null ? "issued to this installation itself" : "issued to device " + device)
                + " by right of "
                + record.way()
                + ", profile "
                + profile()));
    findings.add(status(record));
    if (device != null) {
      findings.add(succession(record, device));
    }
    return findings;
  }

  private String profile() {
    return String.join(
        " ", Subject.of(certificate.getSubjectX500Principal()).values("OU").stream().toList());
  }

  private static Finding status(Records.Certificate record) {
    return switch (record.state()) {
      case "issued" -> issued(record);
      case "revoked" ->
          Finding.bad(
              "status",
              "revoked at " + record.revoked() + " (" + record.revocationReason() + ")",
              "if the device may come back: guardbee device grant " + record.deviceId());
      default -> Finding.bad("status", "it was never handed out", "enrol again");
    };
  }

  private static Finding issued(Records.Certificate record) {
    return record.held() == null
        ? Finding.good("status", "not revoked")
        : Finding.bad(
            "status",
            "on hold since " + record.held() + ": its device is suspended",
            "guardbee device reinstate " + record.deviceId());
  }

  private Finding succession(Records.Certificate record, String device) {
    Optional<Records.Certificate> newest =
        records.certificates(device).stream()
            .filter(one -> one.issuer().equals(record.issuer()) && one.issued() != null)
            .findFirst();
    if (newest.isEmpty() || newest.get().serial().equals(record.serial())) {
      return Finding.good("newest", "it is the newest certificate of its device");
    }
    String says = "a newer one, " + newest.get().serial() + ", was issued";
    if (record.ends() == null) {
      return Finding.note("newest", says);
    }
    return now.isBefore(record.ends())
        ? Finding.note("newest", says + "; this one is good until " + record.until())
        : Finding.bad(
            "newest", says + "; this one ended at " + record.until(), "use the newer certificate");
  }
}
