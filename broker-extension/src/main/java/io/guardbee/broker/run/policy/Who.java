package io.guardbee.broker.run.policy;

import io.guardbee.broker.policy.Attributes;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Subject;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** For whom a request is tried: exactly one of these. */
final class Who {

  @Option(
      names = "--as",
      paramLabel = "SUBJECT",
      description = "A subject as RFC 4514 writes it: CN=d-1,OU=sensor,O=Acme.")
  private @Nullable String subject;

  @Option(
      names = "--cert",
      paramLabel = "CERTIFICATE",
      description = "A certificate of the issuing authority (PEM).")
  private @Nullable Path certificate;

  Attributes attributes() throws IOException {
    if (certificate == null) {
      return Attributes.of(Subject.parse(String.valueOf(subject)));
    }
    X509Certificate leaf = Pem.readCertificates(certificate).get(0);
    return Attributes.of(
        leaf, new Identity(Identity.ISSUING, Subject.of(leaf.getSubjectX500Principal())));
  }
}
