package io.guardbee.agent.device;

import io.guardbee.agent.enrol.EstClient;
import io.guardbee.agent.enrol.FirstContact;
import io.guardbee.agent.enrol.SigningRequest;
import io.guardbee.agent.key.DeviceKey;
import io.guardbee.agent.state.Enrolment;
import io.guardbee.agent.state.StateStore;
import io.guardbee.agent.trust.ClientIdentity;
import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gets a device its certificate, the first and the following ones. */
final class Enroller {

  private static final Logger LOG = LoggerFactory.getLogger(Enroller.class);

  private final StateStore store;
  private final InstantSource clock;

  Enroller(StateStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /** Believes the server first, makes the key next, sends the token last. */
  Enrolment enroll(EnrolRequest request) {
    DeviceId id = request.deviceId();
    store.read().ifPresent(this::refuseSecond);
    EnrolRequest.Peers peers = request.peers();
    ServerTrust trust = FirstContact.introduce(peers.server(), peers.fingerprint());
    EstClient est = new EstClient(peers.server(), trust.service());
    try (DeviceKey key = request.key().get().findOrMake(id)) {
      X500Principal subject = new X500Principal("CN=" + id);
      SigningRequest csr =
          SigningRequest.sign(subject, key.publicKey(), key.privateKey()).claiming(key.claim());
      X509Certificate leaf =
          new Patience(clock, request.patience()).until(() -> est.enroll(id, request.token(), csr));
      List<X509Certificate> chain = checked(id, trust, est, leaf);
      Enrolment enrolment =
          new Enrolment(id, peers.server(), peers.broker(), key.uri(), chain, trust.root());
      store.save(enrolment);
      return enrolment;
    }
  }

  /**
   * Renews for the same key: it never left its module, and a secure element has few slots. The old
   * certificate stays in force until the new one is on the disk.
   */
  Enrolment renew(Enrolment current, DeviceKey key) {
    ServerTrust trust = new ServerTrust(current.root());
    ClientIdentity self = new ClientIdentity(key.privateKey(), current.chain());
    EstClient est = new EstClient(current.server(), trust.service(self));
    // RFC 7030 §4.2.2: subject and SAN are those of the certificate being renewed
    X500Principal subject = current.certificate().getSubjectX500Principal();
    SigningRequest csr =
        SigningRequest.sign(subject, key.publicKey(), key.privateKey()).claiming(key.claim());
    List<X509Certificate> chain = checked(current.deviceId(), trust, est, est.reenroll(csr));
    store.renew(chain);
    Enrolment renewed = current.renewed(chain);
    confirm(renewed, trust, key);
    return renewed;
  }

  /**
   * Shows the new certificate to the service: once it was seen in use, the old one can no longer
   * obtain another certificate in its place. What fails here the next connection makes good.
   */
  private static void confirm(Enrolment renewed, ServerTrust trust, DeviceKey key) {
    ClientIdentity self = new ClientIdentity(key.privateKey(), renewed.chain());
    try {
      List<X509Certificate> unused =
          new EstClient(renewed.server(), trust.service(self)).authorities();
    } catch (RefusedException e) {
      LOG.debug("the new certificate is not confirmed yet: {}", e.line());
    }
  }

  /** Nothing is stored that the broker or we ourselves would not accept. */
  private List<X509Certificate> checked(
      DeviceId id, ServerTrust trust, EstClient est, X509Certificate leaf) {
    Subject subject = Subject.of(leaf.getSubjectX500Principal());
    if (!new Identity(Identity.ISSUING, subject).deviceId().equals(id)) {
      throw new RefusedException(
          Reason.CSR_NAME_MISMATCH,
          "the server answered with a certificate for " + subject + ", not for " + id,
          "check with the operator which device the token was made for");
    }
    return trust.chain(leaf, est.authorities(), clock.instant());
  }

  private void refuseSecond(Enrolment present) {
    throw new RefusedException(
        Reason.DEVICE_EXISTS,
        present.deviceId()
            + " is already enrolled here, until "
            + present.certificate().getNotAfter().toInstant(),
        "use guardbee agent run or renew; to start anew remove " + store.directory());
  }
}
