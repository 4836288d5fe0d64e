package io.guardbee.broker.certificate;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Credential;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one key in a PKCS#11 module, which others close. Its last certificate is kept in a file, so
 * that a broker comes back while the service is down; no key outside the module ever takes its
 * place.
 */
record KeyInModule(KeyPair pair, Path file) implements KeySupply {

  private static final Logger LOG = LoggerFactory.getLogger(KeyInModule.class);

  @Override
  public String place() {
    return "the key in its module";
  }

  @Override
  public KeyPair next() {
    return pair;
  }

  @Override
  public Optional<Credential> meanwhile(Instant now) {
    try {
      if (Files.exists(file)) {
        List<X509Certificate> chain = Pem.readCertificates(file);
        boolean fits =
            Arrays.equals(chain.get(0).getPublicKey().getEncoded(), pair.getPublic().getEncoded());
        if (fits && now.isBefore(chain.get(0).getNotAfter().toInstant())) {
          return Optional.of(new Credential(pair.getPrivate(), chain));
        }
      }
    } catch (IOException | RefusedException e) {
      LOG.warn("{} is of no use: {}", file, Quoted.line(String.valueOf(e.getMessage())));
    }
    return Optional.empty();
  }

  @Override
  public void certified(Credential issued) throws IOException {
    SafeFiles.writePublic(file, Pem.certificates(issued.chain()));
  }
}
