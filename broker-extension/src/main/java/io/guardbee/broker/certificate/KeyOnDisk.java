package io.guardbee.broker.certificate;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Credential;
import io.guardbee.pki.NewKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A new key for every certificate, kept with it in one file (0600) until the next: a broker that is
 * restarted while the service is away still serves. No other key ever takes its place: the node's
 * identity is for no server.
 */
record KeyOnDisk(Path file) implements KeySupply {

  private static final Logger LOG = LoggerFactory.getLogger(KeyOnDisk.class);

  private static final String CHAIN = "-----BEGIN CERTIFICATE-----";

  @Override
  public String place() {
    return "a key of its own";
  }

  @Override
  public KeyPair next() {
    return NewKey.p256();
  }

  @Override
  public Optional<Credential> meanwhile(Instant now) {
    try {
      if (Files.exists(file)) {
        String text = Files.readString(file);
        int chain = Math.max(0, text.indexOf(CHAIN)); // the JDK reads any block as a certificate
        Credential kept = Credential.of(Pem.parseCertificates(text.substring(chain)), text);
        if (kept.fits() && now.isBefore(kept.leaf().getNotAfter().toInstant())) {
          return Optional.of(kept);
        }
      }
    } catch (IOException | GeneralSecurityException | RefusedException e) {
      LOG.warn("{} is of no use: {}", file, Quoted.line(String.valueOf(e.getMessage())));
    }
    return Optional.empty();
  }

  @Override
  public void certified(Credential issued) throws IOException {
    SafeFiles.writeSecret(file, Pem.privateKey(issued.key()) + Pem.certificates(issued.chain()));
  }
}
