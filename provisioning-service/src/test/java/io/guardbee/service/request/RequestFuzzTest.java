package io.guardbee.service.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import io.guardbee.service.Csr;
import java.io.IOException;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests damaged at random, the same ones each time. */
class RequestFuzzTest {

  private static final int ROUNDS = 3_000;

  /** A good request and what its owner did not write: nothing but a refusal comes of it. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void damagedRequestIsRefusedOrProvesItsKey(long seed) throws Exception {
    Random random = new Random(seed);
    KeyPair key = Csr.newKey();
    List<byte[]> good =
        List.of(
            Csr.of(key).subject("CN=d-1,OU=x").alternativeName("d-1.example").der(),
            Handmade.of(key)
                .attribute(
                    PKCSObjectIdentifiers.pkcs_9_at_challengePassword, new DERPrintableString("p"))
                .attribute(
                    new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.37"),
                    new DEROctetString(new byte[8]))
                .der(),
            Csr.of(Csr.newRsaKey(2048)).subject("CN=d-2").asksForAuthority().der());
    for (int round = 0; round < ROUNDS; round++) {
      byte[] damaged = damage(good.get(round % good.size()), random);
      try {
        CertificateRequest request = CertificateRequest.parse(damaged);
        readAll(request);
        assertThat(
                new PKCS10CertificationRequest(damaged)
                    .isSignatureValid(
                        new JcaContentVerifierProviderBuilder().build(request.publicKey())))
            .isTrue();
      } catch (RefusedException e) {
        assertThat(e.line().codePoints()).allMatch(point -> point >= ' ');
      }
    }
  }

  private static void readAll(CertificateRequest request) {
    request.names();
    request.asksForAuthority();
    request.requestedExtensions();
    request.challengePassword();
    request.decryptKeyIdentifier();
    request.asymmetricDecryptKeyIdentifier();
    request.smimeCapabilities();
  }

  private static byte[] damage(byte[] good, Random random) {
    byte[] octets = good.clone();
    for (int times = random.nextInt(4); times >= 0; times--) {
      int at = random.nextInt(octets.length);
      switch (random.nextInt(5)) {
        case 0 -> octets[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> octets[at] = (byte) random.nextInt(256);
        case 2 -> octets = Arrays.copyOf(octets, Math.max(1, at));
        case 3 -> octets = Arrays.copyOf(octets, octets.length + random.nextInt(8));
        default -> {
          int length = Math.min(random.nextInt(16), octets.length - at);
          System.arraycopy(good, random.nextInt(good.length - 16), octets, at, length);
        }
      }
    }
    return octets;
  }

  /** What is inside the signature: attributes and extensions of random octets, signed well. */
  @ParameterizedTest
  @ValueSource(longs = {3, 4})
  void signedNonsenseIsReadOrRefused(long seed) {
    Random random = new Random(seed);
    KeyPair key = Csr.newKey();
    List<String> oids =
        List.of("2.5.29.17", "2.5.29.19", "2.5.29.15", "1.2.840.113549.1.9.16.2.54", "1.2.3");
    for (int round = 0; round < 500; round++) {
      byte[] octets = new byte[random.nextInt(24)];
      random.nextBytes(octets);
      if (octets.length > 1) {
        octets[0] = (byte) (random.nextBoolean() ? 0x30 : 0x03);
        octets[1] = (byte) (octets.length - 2);
      }
      ASN1ObjectIdentifier oid = new ASN1ObjectIdentifier(oids.get(random.nextInt(oids.size())));
      org.bouncycastle.asn1.x509.Extensions extensions =
          new org.bouncycastle.asn1.x509.Extensions(
              new org.bouncycastle.asn1.x509.Extension(oid, false, new DEROctetString(octets)));
      byte[] der = Handmade.of(key).extensions(extensions).der();
      try {
        readAll(CertificateRequest.parse(der));
      } catch (RefusedException e) {
        assertThat(e.detail()).isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void anyNameIsReadInOneWayOrRefused(long seed) throws IOException {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        int point = random.nextInt(random.nextBoolean() ? 0x80 : 0x11_0000);
        text.appendCodePoint(point >= 0xd800 && point < 0xe000 ? 'x' : point);
      }
      X500NameBuilder name =
          new X500NameBuilder()
              .addRDN(
                  random.nextBoolean() ? BCStyle.CN : BCStyle.O,
                  new DERUTF8String(text.toString()));
      try {
        Subject subject = SubjectRules.check(name.build());
        assertThat(Subject.parse(subject.toString())).isEqualTo(subject);
        if (!subject.values("CN").isEmpty()) {
          assertThat(subject.values("CN").get(0)).isEqualTo(text.toString()).matches("[ -~]*");
        }
      } catch (RefusedException e) {
        assertThat(e.line().codePoints()).allMatch(point -> point >= ' ');
      }
    }
  }
}
