package io.guardbee.service.http;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Serial;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** Who is calling, by the client certificate of the connection. */
public sealed interface Caller {

  /** The name to speak of the caller by. */
  String name();

  /** No client certificate. */
  record Anonymous() implements Caller {
    @Override
    public String name() {
      return "anonymous";
    }
  }

  /** Whoever enrolled here and may do so again with the certificate shown. */
  sealed interface Enrolled extends Caller {
    DeviceId deviceId();

    String profile();

    /** Role of the authority that signed the certificate. */
    String issuer();

    Serial serial();

    /** The certificate's end. */
    Instant until();

    @Override
    default String name() {
      return deviceId().value();
    }
  }

  /** A device or application: a certificate of the issuing CA. */
  record Device(DeviceId deviceId, String profile, Serial serial, Instant until)
      implements Enrolled {
    @Override
    public String issuer() {
      return Identity.ISSUING;
    }
  }

  /**
   * A registration authority: a certificate of the operations CA with the purpose id-kp-cmcRA (RFC
   * 6402 §2.10).
   */
  record Station(DeviceId deviceId, String profile, Serial serial, Instant until)
      implements Enrolled {
    @Override
    public String issuer() {
      return Identity.OPERATIONS;
    }
  }

  /** A server or the like: any other certificate of the operations CA. */
  record Server(DeviceId deviceId, String profile, Serial serial, Instant until)
      implements Enrolled {
    @Override
    public String issuer() {
      return Identity.OPERATIONS;
    }
  }

  /** Whose certificate of this Guardbee has ended and was not revoked. */
  record Ended(DeviceId deviceId, String profile, String issuer, Serial serial, Instant until)
      implements Enrolled {}

  /** Whose certificate ended because its successor was issued. */
  record Superseded(DeviceId deviceId, String profile, String issuer, Serial serial, Instant until)
      implements Enrolled {}

  /**
   * Whose certificate is not of this Guardbee; nothing of it has been checked, but that the caller
   * has its key.
   *
   * @param chain as the caller sent it, its own first
   */
  record Stranger(List<X509Certificate> chain) implements Caller {
    public Stranger {
      chain = List.copyOf(chain);
    }

    @Override
    public String name() {
      return chain.get(0).getSubjectX500Principal().getName();
    }
  }

  /** An operator: a certificate of the operations CA with OU=operator. */
  record Operator(String name) implements Caller {}

  /** A broker node: a certificate of the operations CA with OU=broker. */
  record Broker(String name, X509Certificate certificate) implements Caller {}
}
