package io.guardbee.hsm.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.jca.GuardbeeProvider;
import io.guardbee.hsm.jca.OpenToken;
import io.guardbee.testing.TestCa;
import io.guardbee.testing.TestToken;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kind of key and signature, and the other JCA services, in SoftHSM. */
class MechanismsTest {

  private Token token;

  @BeforeEach
  void open() {
    token = TestToken.open();
  }

  @AfterEach
  void close() {
    token.close();
  }

  @ParameterizedTest
  @CsvSource({
    "EC_P256,SHA256withECDSA",
    "EC_P384,SHA384withECDSA",
    "EC_P521,SHA512withECDSA",
    "EC_P521,SHA256withECDSA",
    "RSA_2048,SHA256withRSA",
    "RSA_2048,SHA384withRSA",
    "RSA_3072,SHA512withRSA",
    "RSA_4096,SHA256withRSA",
    "ED25519,Ed25519",
    "ED25519,EdDSA"
  })
  void signaturesOfEveryKindVerify(KeyType type, String algorithm) throws Exception {
    TokenKey key = token.generate(TestToken.label("kind"), type);
    try {
      assertThat(token.isConfined(key)).isTrue();
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key.privateKey());
      assertVerifies(signer, Signature.getInstance(algorithm), key);
      assertThat(token.find(key.label()).orElseThrow().type()).isEqualTo(type);
    } finally {
      token.destroy(key);
    }
  }

  @ParameterizedTest
  @CsvSource({"SHA-256,32", "SHA-384,48", "SHA-512,64", "SHA-256,20"})
  void pssTakesItsParameters(String hash, int salt) throws Exception {
    PSSParameterSpec pss = new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), salt, 1);
    TokenKey key = token.generate(TestToken.label("pss"), KeyType.RSA_2048);
    try {
      Signature signer = Signature.getInstance("RSASSA-PSS");
      signer.initSign(key.privateKey()); // the other order chooses a provider before the key
      signer.setParameter(pss);
      Signature verifier = Signature.getInstance("RSASSA-PSS");
      verifier.setParameter(pss);
      assertVerifies(signer, verifier, key);
    } finally {
      token.destroy(key);
    }
  }

  private static void assertVerifies(Signature signer, Signature verifier, TokenKey key)
      throws Exception {
    assertThat(signer.getProvider().getName()).isEqualTo("Guardbee");
    byte[] message = "guardbee".repeat(40).getBytes(StandardCharsets.US_ASCII);
    signer.update(message);
    byte[] signature = signer.sign();
    verifier.initVerify(key.publicKey());
    verifier.update(message);
    assertThat(verifier.verify(signature)).isTrue();
    assertThat(verifier.getProvider().getName()).isNotEqualTo("Guardbee");
  }

  @Test
  void keyStoreShowsKeysByLabelWithTheirCertificates() throws Exception {
    TokenKey key = token.generate(TestToken.label("store"), KeyType.EC_P256);
    Provider provider = Security.getProvider("Guardbee");
    KeyStore store = KeyStore.getInstance("PKCS11", provider);
    store.load(
        new ByteArrayInputStream(TestToken.uri().toString().getBytes(StandardCharsets.UTF_8)),
        null);
    TestCa ca = TestCa.root();
    X509Certificate leaf = ca.client("CN=d-1,OU=sensor", key.publicKey());
    PrivateKey found = (PrivateKey) store.getKey(key.label(), null);

    store.setKeyEntry(key.label(), found, null, new Certificate[] {leaf, ca.certificate()});

    store.load(null, null); // closes what it opened

    KeyStore again = KeyStore.getInstance("PKCS11", provider);
    again.load(OpenToken.store(token.keys()));
    assertThat(again.getCertificateChain(key.label())).containsExactly(leaf, ca.certificate());
    assertThat(again.isKeyEntry(key.label())).isTrue();
    assertThat(Collections.list(again.aliases())).contains(key.label());
    assertThat(again.getCertificateAlias(leaf)).isEqualTo(key.label());
    token.certificates().destroy(key.label());
    assertThat(again.getCertificateChain(key.label())).isNull();
    token.destroy(key);
    assertThat(again.containsAlias(key.label())).isFalse();
  }

  @Test
  void keyPairGeneratorAndRandomUseTheToken() throws Exception {
    String label = TestToken.label("pair");
    KeyPairGenerator generator = KeyPairGenerator.getInstance("PKCS11", "Guardbee");
    generator.initialize(OpenToken.newKey(token.keys(), label, KeyType.EC_P384));
    KeyPair pair = generator.generateKeyPair();
    assertThat(pair.getPrivate().getEncoded()).isNull();
    token.destroy(token.find(label).orElseThrow());

    SecureRandom random =
        SecureRandom.getInstance("PKCS11", OpenToken.random(token.keys()), "Guardbee");
    byte[] first = new byte[32];
    random.nextBytes(first);
    assertThat(random.generateSeed(32)).isNotEqualTo(first).isNotEqualTo(new byte[32]);
  }

  @ParameterizedTest
  @EnumSource
  void moduleIsAskedWhatItMakes(KeyType type) {
    assertThat(token.keys().canGenerate(type)).isTrue();
    assertThat(KeyType.parse(type.toString())).contains(type);
  }

  @Test
  void providerIsOneForAll() {
    GuardbeeProvider.install();
    assertThat(List.of(Security.getProviders()))
        .filteredOn(provider -> provider.getName().equals("Guardbee"))
        .hasSize(1);
  }
}
