package io.guardbee.service.issuance;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.request.CertificateRequest;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Issues certificates, step by step; each step is a type that only the one before can make: {@link
 * Application} → {@link ApprovedRequest} → {@link ToBeSigned} → {@link Reserved} → {@link Signed} →
 * completed. Thread-safe.
 */
public final class Issuance {

  private final Authorities authorities;
  private final IssuingLine line;

  public Issuance(Authorities authorities, IssuingLine line) {
    this.authorities = authorities;
    this.line = line;
  }

  /**
   * Whether the profile gives what is asked for, as far as that is decided before the reservation;
   * changes nothing.
   *
   * @throws RefusedException what stands against it
   */
  public static void examine(Application application) {
    ApprovedRequest unused = ApprovedRequest.of(application);
  }

  /**
   * Issues a device's certificate; it is on record before this returns. The same request again
   * gives the same certificate.
   *
   * @throws RefusedException what stands against it; then nothing has changed
   */
  public X509Certificate forDevice(Application application) {
    return line.issue(ApprovedRequest.of(application)).certificate();
  }

  /**
   * What {@link #forDevice} would say at this moment, but for what the right itself has to give;
   * takes nothing.
   *
   * @return whether the same request has its certificate already
   * @throws RefusedException what stands against it
   */
  public boolean foresee(Application application) {
    return line.foresee(ApprovedRequest.of(application));
  }

  /**
   * The same for one row of a stream, which is told what became of it: where the line is full it
   * waits, and the stream's sender with it. Rows side by side share their transactions.
   */
  public Outcome forRow(Application application) throws InterruptedException {
    return line.issuePatiently(ApprovedRequest.of(application));
  }

  /**
   * Issues a certificate for one of this installation's own keys.
   *
   * @param name the CN
   * @param serverNames DNS names and addresses for the subjectAltName
   */
  public X509Certificate forInstallation(
      KeyPair key, String name, Profile profile, List<String> serverNames) {
    return line.issue(
            ApprovedRequest.forInstallation(
                CertificateRequest.forOwn(key), new DeviceId(name), profile, serverNames))
        .certificate();
  }

  /**
   * Issues a certificate for one who answers in an authority's name about the status of what it
   * signed (RFC 6960 §4.2.2.2).
   *
   * @param authority the one whose key signed it: a predecessor has a responder of its own
   */
  public X509Certificate forResponder(KeyPair key, Profile profile, Authority authority) {
    return line.issueBy(
            authority,
            ApprovedRequest.forInstallation(
                CertificateRequest.forOwn(key), new DeviceId(profile.name()), profile, List.of()))
        .certificate();
  }

  /**
   * Issues a certificate for a broker's MQTT listener, with the names of the broker's own.
   *
   * @param broker the certificate that the broker has shown, found good
   * @return the certificate, then the authority that signed it
   */
  public List<X509Certificate> forListener(
      CertificateRequest request, Profile profile, X509Certificate broker) {
    String name = Subject.of(broker.getSubjectX500Principal()).values("CN").get(0);
    return forHolder(
        request,
        profile,
        broker,
        new Entitlement.Installation(Entitlement.Installation.listener(name), Actor.broker(name)));
  }

  /**
   * Issues a successor to the certificate of an operator or a broker, for another key or the same.
   *
   * @param shown the certificate that the holder has shown, found good
   * @param by the holder
   * @return the certificate, then the authority that signed it
   */
  public List<X509Certificate> forRole(
      CertificateRequest request, Profile profile, X509Certificate shown, Actor by) {
    return forHolder(
        request,
        profile,
        shown,
        new Entitlement.Installation(Entitlement.Installation.reference(profile.name()), by));
  }

  private List<X509Certificate> forHolder(
      CertificateRequest request,
      Profile profile,
      X509Certificate shown,
      Entitlement.Installation right) {
    X509Certificate leaf =
        line.issue(ApprovedRequest.forHolder(request, profile, shown, right)).certificate();
    return List.of(leaf, authorities.byRole(Identity.OPERATIONS).certificate());
  }
}
