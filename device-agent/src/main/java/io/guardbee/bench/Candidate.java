package io.guardbee.bench;

import io.guardbee.agent.enrol.EnrolToken;
import io.guardbee.agent.enrol.SigningRequest;
import io.guardbee.pki.DeviceId;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import javax.security.auth.x500.X500Principal;

/** A device ready to be enrolled: key in memory, request signed, token at hand. */
record Candidate(DeviceId id, KeyPair keys, SigningRequest request, EnrolToken token) {

  static Candidate make(DeviceId id, EnrolToken token) {
    KeyPair keys = newKey();
    return new Candidate(id, keys, signed("CN=" + id, keys), token);
  }

  /** A request for a new key of that device, as base64 in one line. */
  static String request(String id) {
    return signed("CN=" + id, newKey()).base64().replace("\n", "");
  }

  /** A request for this one's key that leaves the name to the server. */
  String nameless() {
    return signed("", keys).base64();
  }

  private static SigningRequest signed(String subject, KeyPair keys) {
    return SigningRequest.sign(new X500Principal(subject), keys.getPublic(), keys.getPrivate());
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }
}
