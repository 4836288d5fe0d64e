package io.guardbee.hsm.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.cryptoki.Ck;
import io.guardbee.hsm.cryptoki.Faults;
import io.guardbee.testing.TestToken;
import java.util.Map;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys that a module makes for somebody else. */
class KeyDeliveryTest {

  private static final long CKR_MECHANISM_INVALID = 0x70;

  private Token token;

  @BeforeEach
  void open() {
    token = TestToken.open();
  }

  @AfterEach
  void close() {
    token.close();
  }

  /** That the halves match is checked by the delivery itself, outside of the module. */
  @ParameterizedTest
  @EnumSource(names = {"EC_P256", "EC_P384", "RSA_2048", "ED25519"})
  void newKeyLeavesWrappedAndNothingStays(KeyType type) {
    int before = privateKeys();
    try (Faults faults = Faults.in(token.keys().slot().cryptoki());
        DeliveredKey key = token.deliver(type);
        DeliveredKey another = token.deliver(type)) {
      assertThat(faults.calls("C_WrapKey")).isEqualTo(2);
      assertThat(key.publicKey()).isNotEqualTo(another.publicKey());
      assertThat(PrivateKeyInfo.getInstance(key.pkcs8()).getPrivateKeyAlgorithm()).isNotNull();
    }
    assertThat(privateKeys()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(names = {"EC_P256", "EC_P384", "RSA_2048", "ED25519"})
  void moduleThatDoesNotWrapLetsItBeRead(KeyType type) {
    int before = privateKeys();
    try (Faults faults = Faults.in(token.keys().slot().cryptoki())) {
      faults.fail("C_WrapKey", CKR_MECHANISM_INVALID, 1);
      try (DeliveredKey key = token.deliver(type)) {
        assertThat(key.pkcs8()).isNotEmpty();
      }
    }
    assertThat(privateKeys()).isEqualTo(before);
  }

  @Test
  void closingWipesTheKey() {
    DeliveredKey key = token.deliver(KeyType.EC_P256);
    byte[] octets = key.pkcs8();
    key.close();
    assertThat(octets).containsOnly(0);
    assertThat(key.toString()).doesNotContain("30");
  }

  private int privateKeys() {
    return token
        .keys()
        .slot()
        .in(
            session ->
                token
                    .keys()
                    .slot()
                    .cryptoki()
                    .find(session, Map.of(Ck.CKA_CLASS, Ck.CKO_PRIVATE_KEY)))
        .length;
  }
}
