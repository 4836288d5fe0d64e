package io.guardbee.service.issuance;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.profile.Name;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.request.CertificateRequest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * A request that is entitled to a certificate for one identity under one profile, and asks for
 * nothing beyond it. Whether its key and its right are free is decided with the reservation, in one
 * transaction.
 */
public final class ApprovedRequest {

  private final CertificateRequest request;
  private final Identity identity;
  private final Profile profile;
  private final Entitlement entitlement;
  private final List<Name> names;

  private ApprovedRequest(
      CertificateRequest request,
      Identity identity,
      Profile profile,
      Entitlement entitlement,
      Collection<Name> names) {
    this.request = request;
    this.identity = identity;
    this.profile = profile;
    this.entitlement = entitlement;
    this.names = List.copyOf(names);
  }

  /**
   * Approves what a device asks for.
   *
   * @throws RefusedException {@link Reason#PROFILE_NOT_GRANTED}, {@link Reason#CSR_NAME_MISMATCH},
   *     {@link Reason#CSR_CA_REQUESTED}, {@link Reason#KEY_UNSUPPORTED}, {@link
   *     Reason#NAME_RESERVED}, {@link Reason#SERVER_NAME_MISSING}
   */
  static ApprovedRequest of(Application application) {
    Profile profile = application.profile();
    CertificateRequest request = application.request();
    refuseOtherWay(application);
    refuseAuthority(request);
    refuseOtherKey(request, profile);
    refuseOtherSubject(request, application.deviceId());
    Set<Name> names = CertificateNames.of(application);
    profile.reserved().refuse(profile.issuer(), application.deviceId(), names);
    CertificateNames.requireServerName(names, application);
    return new ApprovedRequest(
        request,
        profile.identity(application.deviceId()),
        profile,
        application.entitlement(),
        names);
  }

  /**
   * Approves a certificate of this installation.
   *
   * @param serverNames DNS names and addresses for the subjectAltName
   */
  static ApprovedRequest forInstallation(
      CertificateRequest request, DeviceId name, Profile profile, List<String> serverNames) {
    boolean client = profile.purposes().contains(Profile.Purpose.CLIENT); // an operator or a broker
    return new ApprovedRequest(
        request,
        profile.identity(name),
        profile,
        client
            ? new Entitlement.Installation(
                Entitlement.Installation.reference(profile.name()), Actor.SERVICE)
            : new Entitlement.Installation(),
        serverNames.stream().map(Name::server).toList());
  }

  /**
   * Approves a certificate for the holder of another one: its subject and its names, whatever the
   * request says of names.
   *
   * @param shown the certificate that the holder has shown
   * @throws RefusedException {@link Reason#CSR_CA_REQUESTED}, {@link Reason#KEY_UNSUPPORTED}
   */
  static ApprovedRequest forHolder(
      CertificateRequest request,
      Profile profile,
      X509Certificate shown,
      Entitlement.Installation right) {
    refuseAuthority(request);
    refuseOtherKey(request, profile);
    Subject subject = Subject.of(shown.getSubjectX500Principal());
    return new ApprovedRequest(
        request, new Identity(profile.issuer(), subject), profile, right, serverNames(shown));
  }

  private static List<Name> serverNames(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream().map(name -> Name.server(name.get(1).toString())).toList();
    } catch (CertificateParsingException e) {
      throw new RefusedException(
          Reason.CERTIFICATE_PURPOSE_WRONG,
          "the certificate shown has names that do not read",
          "present a certificate that Guardbee issued");
    }
  }

  private static void refuseOtherWay(Application application) {
    if (!application.profile().ways().contains(application.entitlement().way())) {
      throw new RefusedException(
          Reason.PROFILE_NOT_GRANTED,
          "profile "
              + application.profile().name()
              + " is not given by "
              + application.entitlement().way(),
          "ask the operator for another grant, or to widen profiles.*.who in config.yaml");
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

  private static void refuseOtherKey(CertificateRequest request, Profile profile) {
    if (!profile.keys().contains(request.keyKind())) {
      throw new RefusedException(
          Reason.KEY_UNSUPPORTED,
          "a key of " + request.keyKind() + " is not for profile " + profile.name(),
          "make one of " + profile.keys());
    }
  }

  /** A name may be left out (the entitlement knows it), but never be another's. */
  private static void refuseOtherSubject(CertificateRequest request, DeviceId deviceId) {
    List<String> commonNames = request.subject().values("CN");
    boolean own = commonNames.isEmpty() || commonNames.equals(List.of(deviceId.value()));
    if (!own || request.subject().multiValued()) {
      throw mismatch(request.subject().toString(), deviceId);
    }
  }

  private static RefusedException mismatch(String asked, DeviceId deviceId) {
    return new RefusedException(
        Reason.CSR_NAME_MISMATCH,
        "the request asks for " + Quoted.of(asked) + " but the caller is entitled to " + deviceId,
        "ask for the subject CN=" + deviceId + ", or leave subject and subjectAltName empty");
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

  List<Name> names() {
    return names;
  }
}
