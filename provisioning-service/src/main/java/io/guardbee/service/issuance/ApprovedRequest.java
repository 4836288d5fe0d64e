package io.guardbee.service.issuance;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Profiles;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;

/**
 * A request that is entitled to a certificate for one identity under one profile, and asks for
 * nothing beyond it. Whether its key is free is decided with the reservation, in one transaction.
 */
public final class ApprovedRequest {

  private final CertificateRequest request;
  private final Identity identity;
  private final Profile profile;
  private final Entitlement entitlement;
  private final List<String> serverNames;

  private ApprovedRequest(
      CertificateRequest request,
      Identity identity,
      Profile profile,
      Entitlement entitlement,
      List<String> serverNames) {
    this.request = request;
    this.identity = identity;
    this.profile = profile;
    this.entitlement = entitlement;
    this.serverNames = List.copyOf(serverNames);
  }

  /**
   * Approves what a device asks for.
   *
   * @param identity who the entitlement names; never taken from the request
   * @throws RefusedException {@link Reason#CSR_NAME_MISMATCH}, {@link Reason#CSR_CA_REQUESTED}
   */
  static ApprovedRequest forDevice(
      CertificateRequest request, Identity identity, Profile profile, Entitlement entitlement) {
    refuseAuthority(request);
    refuseOtherNames(request, identity.deviceId());
    return new ApprovedRequest(request, identity, profile, entitlement, List.of());
  }

  /**
   * Approves a certificate of this installation.
   *
   * @param serverNames DNS names and addresses for the subjectAltName
   */
  static ApprovedRequest forInstallation(
      CertificateRequest request, Identity identity, Profile profile, List<String> serverNames) {
    return new ApprovedRequest(
        request, identity, profile, new Entitlement.Installation(), serverNames);
  }

  /**
   * Approves a certificate for a broker's listener: the broker's own names, whatever the request
   * says of names.
   *
   * @param broker the certificate that the broker has shown
   * @throws RefusedException {@link Reason#CSR_CA_REQUESTED}
   */
  static ApprovedRequest forListener(CertificateRequest request, X509Certificate broker) {
    refuseAuthority(request);
    Profile profile = Profiles.listener();
    Subject subject = Subject.of(broker.getSubjectX500Principal());
    return new ApprovedRequest(
        request,
        new Identity(profile.issuer(), subject),
        profile,
        new Entitlement.Installation(),
        serverNames(broker));
  }

  private static List<String> serverNames(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null ? List.of() : names.stream().map(n -> n.get(1).toString()).toList();
    } catch (CertificateParsingException e) {
      throw new RefusedException(
          Reason.CERTIFICATE_PURPOSE_WRONG,
          "the broker's certificate has names that do not read",
          "give the broker a certificate that Guardbee issued");
    }
  }

  private static void refuseAuthority(CertificateRequest request) {
    if (request.asksForAuthority()) {
      throw new RefusedException(
          Reason.CSR_CA_REQUESTED,
          "the request asks for CA:TRUE or a certificate-signing key usage",
          "leave basicConstraints and keyUsage out of the request: the profile sets them");
    }
  }

  /** A name may be left out (the entitlement knows it), but never be another's. */
  private static void refuseOtherNames(CertificateRequest request, DeviceId deviceId) {
    List<String> commonNames = request.subject().values("CN");
    boolean ownSubject = commonNames.isEmpty() || commonNames.equals(List.of(deviceId.value()));
    List<String> names = request.alternativeNames();
    boolean ownNames = names.stream().allMatch(deviceId.value()::equals);
    if (!ownSubject || !ownNames || request.subject().multiValued()) {
      throw new RefusedException(
          Reason.CSR_NAME_MISMATCH,
          "the request asks for "
              + Quoted.of(ownSubject ? String.join(", ", names) : request.subject().toString())
              + " but the caller is entitled to "
              + deviceId,
          "ask for the subject CN=" + deviceId + ", or leave subject and subjectAltName empty");
    }
  }

  CertificateRequest request() {
    return request;
  }

  Identity identity() {
    return identity;
  }

  Profile profile() {
    return profile;
  }

  Entitlement entitlement() {
    return entitlement;
  }

  List<String> serverNames() {
    return serverNames;
  }
}
