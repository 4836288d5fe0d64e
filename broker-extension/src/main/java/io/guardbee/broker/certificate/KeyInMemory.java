package io.guardbee.broker.certificate;

import io.guardbee.broker.service.Credential;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Optional;

/**
 * A new key for every certificate, never written anywhere. Meanwhile the node's identity serves:
 * its certificate is good for servers too.
 */
record KeyInMemory(Credential identity) implements KeySupply {

  @Override
  public String place() {
    return "a key in memory";
  }

  @Override
  public KeyPair next() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  @Override
  public Optional<Credential> meanwhile(Instant now) {
    return Optional.of(identity);
  }

  @Override
  public void certified(Credential issued) {}

  @Override
  public void close() {}
}
