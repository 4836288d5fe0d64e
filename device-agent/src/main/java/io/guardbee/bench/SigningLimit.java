package io.guardbee.bench;

import io.guardbee.agent.key.KeyPlace;
import io.guardbee.bench.measure.Workers;
import io.guardbee.bench.measure.Workers.Rate;
import io.guardbee.hsm.SoftHsm;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.Serial;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Date;
import java.util.UUID;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * What no enrolment can be faster than: a request's signature verified, a certificate built, and
 * signed by a key in a token, all in one process without network or database.
 */
final class SigningLimit implements AutoCloseable {

  private static final Duration LIFE = Duration.ofDays(90);

  private final Token token;
  private final TokenKey authority;
  private final byte[] request;
  private final SecureRandom random = new SecureRandom();

  SigningLimit(Path home) throws Exception {
    token = Token.open(SoftHsm.prepare(home.resolve("agent").resolve("hsm"), KeyPlace.TOKEN));
    authority = token.generate("guardbee-bench-" + UUID.randomUUID(), KeyType.EC_P256);
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair key = generator.generateKeyPair();
    request =
        new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=d-1"), key.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()))
            .getEncoded();
  }

  Rate run(int threads, long seconds) throws InterruptedException {
    return Workers.run(Collections.nCopies(threads, (Workers.Work) this::once), seconds);
  }

  private boolean once() throws Exception {
    JcaPKCS10CertificationRequest parsed = new JcaPKCS10CertificationRequest(request);
    var key = parsed.getPublicKey();
    if (!parsed.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
      throw new IllegalStateException("a request of our own verifies");
    }
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder draft =
        new JcaX509v3CertificateBuilder(
            new X500Principal("CN=Bench CA"),
            Serial.random(random).value(),
            Date.from(now),
            Date.from(now.plus(LIFE)),
            new X500Principal("CN=d-1,OU=sensor,O=Guardbee"),
            key);
    JcaX509ExtensionUtils keys = new JcaX509ExtensionUtils();
    draft.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    draft.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    draft.addExtension(Extension.subjectKeyIdentifier, false, keys.createSubjectKeyIdentifier(key));
    draft.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        keys.createAuthorityKeyIdentifier(authority.publicKey()));
    new JcaX509CertificateConverter()
        .getCertificate(
            draft.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(authority.privateKey())));
    return true;
  }

  @Override
  public void close() {
    token.destroy(authority);
    token.close();
  }
}
