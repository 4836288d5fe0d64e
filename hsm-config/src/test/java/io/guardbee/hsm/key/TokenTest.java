package io.guardbee.hsm.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.cryptoki.Ck;
import io.guardbee.hsm.cryptoki.Cryptoki;
import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.session.Library;
import io.guardbee.hsm.session.ModuleFile;
import io.guardbee.hsm.session.Slot;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.TestToken;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.math.BigInteger;
import java.security.InvalidKeyException;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTest {

  private Token token;
  private String label;
  private TokenKey key;

  @BeforeEach
  void openTokenWithOneKey() {
    token = TestToken.open();
    label = TestToken.label("key");
    key = token.generate(label, KeyType.EC_P256);
  }

  @AfterEach
  void destroyKeyAndClose() {
    token.destroy(key);
    token.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"SHA256withECDSA", "SHA384withECDSA", "NONEwithECDSA"})
  void signaturesVerifyWithAnotherProvider(String algorithm) throws Exception {
    for (int i = 0; i < 50; i++) { // r and s of all lengths
      byte[] data = new byte[algorithm.startsWith("NONE") ? 32 : 100];
      new Random(i).nextBytes(data);

      byte[] signature = sign(algorithm, data);

      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(key.publicKey());
      verifier.update(data);
      assertThat(verifier.verify(signature)).isTrue();
      assertThat(verifier.getProvider().getName()).isNotEqualTo("Guardbee");
    }
  }

  @Test
  void hashLongerThanTheOrderIsCut() throws Exception {
    byte[] hash = new byte[64];
    new Random(1).nextBytes(hash);

    byte[] signature = sign("NONEwithECDSA", hash);

    Signature verifier = Signature.getInstance("NONEwithECDSA");
    verifier.initVerify(key.publicKey());
    verifier.update(hash, 0, 32);
    assertThat(verifier.verify(signature)).isTrue();
  }

  @Test
  void signatureObjectCanBeUsedAgain() throws Exception {
    Signature signer = Signature.getInstance("SHA256withECDSA");
    signer.initSign(key.privateKey());
    signer.update((byte) 1);
    byte[] first = signer.sign();
    signer.update((byte) 2);
    byte[] second = signer.sign();

    assertThat(signer.getProvider().getName()).isEqualTo("Guardbee");
    assertThat(verifies(new byte[] {1}, first)).isTrue();
    assertThat(verifies(new byte[] {2}, second)).isTrue();
    assertThat(verifies(new byte[] {1}, second)).isFalse();
  }

  @Test
  void providerDoesNotVerify() throws Exception {
    Signature signature = Signature.getInstance("SHA256withECDSA", "Guardbee");

    assertThatExceptionOfType(InvalidKeyException.class)
        .isThrownBy(() -> signature.initVerify(key.publicKey()));
  }

  @Test
  void bouncyCastleSignsACertificateWithTheKey() throws Exception {
    X500Principal name = new X500Principal("CN=Root");
    X509Certificate certificate =
        new JcaX509CertificateConverter()
            .getCertificate(
                new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(Instant.now()),
                        Date.from(Instant.now().plusSeconds(60)),
                        name,
                        key.publicKey())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.privateKey())));

    certificate.verify(key.publicKey());
    assertThat(certificate.getSubjectX500Principal()).isEqualTo(name);
  }

  @Test
  void privateHalfCannotLeaveItsModule() throws Exception {
    Slot slot = Library.load(ModuleFile.find(TestToken.uri())).slot(TestToken.uri());
    KeyObjects.Name name = new KeyObjects.Name(key.label(), key.id());

    slot.in(
        session -> {
          long handle = KeyObjects.privateHandle(slot, session, name);
          Cryptoki module = slot.cryptoki();
          assertThat(module.attribute(session, handle, Ck.CKA_TOKEN)).isEqualTo(true);
          assertThat(module.attribute(session, handle, Ck.CKA_PRIVATE)).isEqualTo(true);
          assertThat(module.attribute(session, handle, Ck.CKA_SENSITIVE)).isEqualTo(true);
          assertThat(module.attribute(session, handle, Ck.CKA_EXTRACTABLE)).isEqualTo(false);
          assertThat(module.attribute(session, handle, Ck.CKA_SIGN)).isEqualTo(true);
          assertThat(module.attribute(session, handle, Ck.CKA_DECRYPT)).isEqualTo(false);
          assertThat(module.attribute(session, handle, Ck.CKA_DERIVE)).isEqualTo(false);
          assertThat((byte[]) module.attribute(session, handle, Ck.CKA_ID))
              .hasSize(16)
              .isEqualTo(HexFormat.of().parseHex(key.id()));
          assertThatThrownBy(() -> module.attribute(session, handle, Ck.CKA_VALUE))
              .isInstanceOf(CryptokiException.class)
              .hasMessageContaining("CKR_ATTRIBUTE_SENSITIVE");
          return handle;
        });
  }

  @Test
  void privateKeyShowsItsCurveAndNothingElse() {
    assertThat(token.isConfined(key)).isTrue();
    assertThat(key.privateKey().getEncoded()).isNull();
    assertThat(key.privateKey().getFormat()).isNull();
    assertThat(key.privateKey().getAlgorithm()).isEqualTo("EC");
    assertThat(((ECKey) key.privateKey()).getParams())
        .isEqualTo(((ECPublicKey) key.publicKey()).getParams());
    assertThat(key.privateKey())
        .hasToString("EC private key \"" + label + "\" in token \"guardbee-test\"");
    assertThatExceptionOfType(NotSerializableException.class)
        .isThrownBy(
            () ->
                new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(key.privateKey()));
  }

  @Test
  void findsAndListsWhatItMade() throws Exception {
    TokenKey found = token.find(label).orElseThrow();

    assertThat(found.id()).isEqualTo(key.id());
    assertThat(found.publicKey()).isEqualTo(key.publicKey());
    assertThat(token.list()).extracting(TokenKey::label).contains(label);
    assertThat(token.find("no such key")).isEmpty();
    assertThat(verifies(new byte[] {7}, sign(found, new byte[] {7}))).isTrue();
  }

  @Test
  void secondKeyOfTheSameLabelIsRefused() {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> token.generate(label, KeyType.EC_P256))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION_INVALID))
        .withMessageContaining(label);
  }

  @Test
  void destroyedKeyIsGoneAndSignsNoMore() throws Exception {
    TokenKey other = token.generate(TestToken.label("gone"), KeyType.EC_P256);
    sign(other, new byte[] {1});

    token.destroy(other);
    token.destroy(other);

    assertThat(token.find(other.label())).isEmpty();
    assertThatThrownBy(() -> sign(other, new byte[] {1}))
        .hasCauseInstanceOf(RefusedException.class)
        .hasMessageContaining("key-missing")
        .hasMessageContaining(other.label());
  }

  @Test
  void halvesLeftByACrashArePassedOver() throws Exception {
    Slot slot = Library.load(ModuleFile.find(TestToken.uri())).slot(TestToken.uri());
    TokenKey publicOnly = token.generate(TestToken.label("half"), KeyType.EC_P256);
    TokenKey privateOnly = token.generate(TestToken.label("half"), KeyType.EC_P256);
    destroyHalf(slot, publicOnly, Ck.CKO_PRIVATE_KEY);
    destroyHalf(slot, privateOnly, Ck.CKO_PUBLIC_KEY);

    assertThat(token.find(publicOnly.label())).isEmpty();
    assertThat(token.find(privateOnly.label())).isEmpty();
    assertThat(token.list())
        .extracting(TokenKey::label)
        .doesNotContain(publicOnly.label(), privateOnly.label());

    TokenKey again = token.generate(publicOnly.label(), KeyType.EC_P256);
    assertThat(token.find(again.label()).orElseThrow().id()).isEqualTo(again.id());
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> token.generate(privateOnly.label(), KeyType.EC_P256));
    token.destroy(publicOnly);
    token.destroy(privateOnly);
    token.destroy(again);
  }

  private static void destroyHalf(Slot slot, TokenKey key, long half) {
    slot.in(
        session -> {
          for (long handle :
              slot.cryptoki()
                  .find(session, Map.of(Ck.CKA_CLASS, half, Ck.CKA_LABEL, key.label()))) {
            slot.cryptoki().destroy(session, handle);
          }
          return half;
        });
  }

  @Test
  void labelsOfTextBeyondAsciiWork() {
    String name = TestToken.label("Schlüssel 蜂 #=;?");
    TokenKey made = token.generate(name, KeyType.EC_P256);

    assertThat(token.find(name).orElseThrow().label()).isEqualTo(name);
    token.destroy(made);
  }

  @Test
  void tokenMayBeOpenSeveralTimes() throws Exception {
    try (Token second = TestToken.open()) {
      assertThat(second.find(label)).isPresent();
    }
    assertThat(sign(key, new byte[] {1})).isNotEmpty();
  }

  @Test
  void closedTokenSaysSo() {
    Token closed = TestToken.open();
    closed.close();
    closed.close();

    assertThatThrownBy(closed::list)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThat(token.list()).isNotEmpty();
  }

  private byte[] sign(String algorithm, byte[] data) throws Exception {
    Signature signer = Signature.getInstance(algorithm);
    signer.initSign(key.privateKey());
    signer.update(data);
    return signer.sign();
  }

  private static byte[] sign(TokenKey key, byte[] data) throws Exception {
    Signature signer = Signature.getInstance("SHA256withECDSA");
    signer.initSign(key.privateKey());
    signer.update(data);
    return signer.sign();
  }

  private boolean verifies(byte[] data, byte[] signature) throws Exception {
    Signature verifier = Signature.getInstance("SHA256withECDSA");
    verifier.initVerify(key.publicKey());
    verifier.update(data);
    return verifier.verify(signature);
  }

  @Test
  void unknownTokenIsRefusedWithWhatThereIs() {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> Token.open(Pkcs11Uri.parse("pkcs11:token=nowhere")))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.KEY_MISSING))
        .withMessageContaining("nowhere")
        .withMessageContaining("guardbee-test");
  }
}
