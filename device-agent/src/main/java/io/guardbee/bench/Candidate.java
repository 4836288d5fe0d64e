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
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair keys = generator.generateKeyPair();
      X500Principal subject = new X500Principal("CN=" + id);
      return new Candidate(
          id, keys, SigningRequest.sign(subject, keys.getPublic(), keys.getPrivate()), token);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }
}
