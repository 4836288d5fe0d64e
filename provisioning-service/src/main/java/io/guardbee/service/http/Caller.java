package io.guardbee.service.http;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Serial;
import java.security.cert.X509Certificate;

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

  /** A device or application: a certificate of the issuing CA. */
  record Device(DeviceId deviceId, String profile, Serial serial) implements Caller {
    @Override
    public String name() {
      return deviceId.value();
    }
  }

  /** An operator: a certificate of the operations CA with OU=operator. */
  record Operator(String name) implements Caller {}

  /** A broker node: a certificate of the operations CA with OU=broker. */
  record Broker(String name, X509Certificate certificate) implements Caller {}
}
