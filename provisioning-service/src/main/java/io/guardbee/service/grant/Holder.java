package io.guardbee.service.grant;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.profile.Way;
import java.security.cert.X509Certificate;
import java.util.List;

/** Who may use a standing grant. */
public sealed interface Holder {

  /** The right by which certificates are then had. */
  Way way();

  /** The certificates it was made with, in their order. */
  List<X509Certificate> certificates();

  /**
   * Whoever has a birth certificate (IEEE 802.1AR IDevID) of that manufacturer.
   *
   * @param certificates of authorities; a path to any of them is believed
   */
  record Manufacturer(List<X509Certificate> certificates, IdRule ids) implements Holder {
    public Manufacturer {
      certificates = List.copyOf(certificates);
      for (X509Certificate authority : certificates) {
        if (authority.getBasicConstraints() < 0) {
          throw malformed(authority, "is not an authority's", "give the manufacturer's CA");
        }
      }
    }

    @Override
    public Way way() {
      return Way.MANUFACTURER;
    }
  }

  /**
   * Whoever has that certificate, which many share.
   *
   * @param perMinute attempts, on each node of this service
   */
  record Claim(X509Certificate certificate, int perMinute) implements Holder {

    /** Attempts a minute where nothing is said. */
    public static final int USUAL_RATE = 60;

    public Claim {
      if (certificate.getBasicConstraints() >= 0) {
        throw malformed(certificate, "is an authority's", "give one that is CA:FALSE");
      }
      if (perMinute < 1) {
        throw new RefusedException(
            Reason.REQUEST_MALFORMED,
            "perMinute " + perMinute + " lets nobody in",
            "give 1 or more");
      }
    }

    @Override
    public Way way() {
      return Way.CLAIM;
    }

    @Override
    public List<X509Certificate> certificates() {
      return List.of(certificate);
    }
  }

  /** The registration authority of that name (id-kp-cmcRA, RFC 6402 §2.10). */
  record Station(DeviceId id) implements Holder {
    @Override
    public Way way() {
      return Way.STATION;
    }

    @Override
    public List<X509Certificate> certificates() {
      return List.of();
    }
  }

  private static RefusedException malformed(X509Certificate certificate, String what, String fix) {
    return new RefusedException(
        Reason.REQUEST_MALFORMED,
        "certificate " + Quoted.of(certificate.getSubjectX500Principal().getName()) + " " + what,
        fix);
  }
}
