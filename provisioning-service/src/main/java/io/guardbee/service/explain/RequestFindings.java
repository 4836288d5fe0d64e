package io.guardbee.service.explain;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import io.guardbee.service.issuance.Application;
import io.guardbee.service.issuance.Entitlement;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.request.CertificateRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/** What is found of one PKCS#10 request: by the checks that an enrolment makes, and no others. */
final class RequestFindings {

  private final Records records;
  private final byte[] der;
  private final List<Finding> findings = new ArrayList<>();
  private Optional<CertificateRequest> request = Optional.empty();
  private Optional<DeviceId> device = Optional.empty();

  RequestFindings(Records records, byte[] der) {
    this.records = records;
    this.der = der;
    read();
  }

  private void read() {
    try {
      PKCS10CertificationRequest raw = new PKCS10CertificationRequest(der);
      Subject subject = Subject.of(new X500Principal(raw.getSubject().getEncoded("DER")));
      findings.add(
          Finding.note(
              "subject",
              subject.attributes().isEmpty()
                  ? "none: the name comes from the grant"
                  : Quoted.line(subject.toString())));
      device = subject.values("CN").stream().findFirst().flatMap(this::deviceId);
      verify();
      findings.add(
          new KeyFindings(records)
              .owner(Fingerprint.of(raw.getSubjectPublicKeyInfo().getEncoded("DER")), device));
    } catch (IOException | RuntimeException e) {
      if (findings.isEmpty()) {
        verify(); // says what stands against it
      }
    }
  }

  private void verify() {
    try {
      CertificateRequest verified = CertificateRequest.parse(der);
      request = Optional.of(verified);
      findings.add(Finding.good("signature", "the request proves that its author has the key"));
      findings.add(
          Finding.good("key", "kind " + verified.keyKind().name().replace('_', '-') + ", no flaw"));
    } catch (RefusedException e) {
      findings.add(Finding.bad("request", e));
    }
  }

  private Optional<DeviceId> deviceId(String commonName) {
    try {
      return Optional.of(new DeviceId(commonName));
    } catch (RefusedException e) {
      findings.add(Finding.bad("subject", e));
      return Optional.empty();
    }
  }

  List<Finding> all() {
    return findings;
  }

  /** Whom it names. */
  Optional<DeviceId> device() {
    return device;
  }

  /** Whether the profile would give what it asks for. */
  List<Finding> entitled(Dossier dossier) {
    Optional<Records.Token> token = dossier.openToken();
    Optional<Profile> profile =
        token.map(Records.Token::profile).flatMap(dossier::profile).or(dossier::profile);
    if (request.isEmpty() || profile.isEmpty()) {
      return List.of();
    }
    Entitlement right =
        token.isPresent()
            ? new Entitlement.Token(UUID.fromString(token.get().id()))
            : new Entitlement.Operator("");
    try {
      Issuance.examine(
          new Application(
              request.get(),
              dossier.id(),
              profile.get(),
              right,
              token.map(Records.Token::names).orElse(List.of())));
      return List.of(
          Finding.good("names", "profile " + profile.get().name() + " gives what it asks for"));
    } catch (RefusedException e) {
      return List.of(Finding.bad("names", e));
    }
  }
}
