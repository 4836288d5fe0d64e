package io.guardbee.hsm.key;

import io.guardbee.hsm.cryptoki.Ck;
import io.guardbee.hsm.cryptoki.Cryptoki;
import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.cryptoki.Remedy;
import io.guardbee.hsm.key.KeyObjects.Life;
import io.guardbee.hsm.session.Slot;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.KeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * Takes a new pair out of the module: encrypted under a key of one use (RFC 5649) where the module
 * can, else read. Both halves live in the session and are destroyed before it is given back.
 */
final class KeyDelivery {

  private static final int WRAPPING_OCTETS = 32;

  private final Slot slot;
  private final SecureRandom random;
  private final KeyType type;

  KeyDelivery(Slot slot, SecureRandom random, KeyType type) {
    this.slot = slot;
    this.random = random;
    this.type = type;
  }

  DeliveredKey deliver(long session, KeyObjects.Name name) throws CryptokiException {
    OptionalLong mechanism = wrapping();
    if (mechanism.isPresent()) {
      try {
        return make(
            session,
            name,
            Life.WRAPPED,
            (key, pair) -> wrapped(session, mechanism.getAsLong(), key));
      } catch (CryptokiException e) {
        if (e.remedy() != Remedy.NONE) {
          throw e;
        }
        // a module may list the mechanism and still take no wrapping key from outside
      }
    }
    return make(session, name, Life.READ, (key, pair) -> read(session, key, pair));
  }

  private OptionalLong wrapping() {
    return LongStream.of(Ck.CKM_AES_KEY_WRAP_KWP, Ck.CKM_AES_KEY_WRAP_PAD)
        .filter(number -> slot.mechanisms().containsKey(number))
        .filter(number -> !slot.profile().avoid().contains(Cryptoki.mechanismName(number)))
        .findFirst();
  }

  /** Brings the private half out, as PKCS#8. */
  private interface WayOut {
    byte[] take(long privateKey, PublicKey pair) throws CryptokiException, GeneralSecurityException;
  }

  private DeliveredKey make(long session, KeyObjects.Name name, Life life, WayOut out)
      throws CryptokiException {
    long[] halves = KeyObjects.generate(slot, session, name, type, life);
    try {
      PublicKey publicKey =
          KeyObjects.key(slot, session, name, halves[0])
              .map(TokenKey::publicKey)
              .orElseThrow(() -> unfit("no public key"));
      return checked(publicKey, out.take(halves[1], publicKey));
    } catch (GeneralSecurityException e) {
      throw unfit(Quoted.kind(e));
    } finally {
      for (long half : halves) {
        slot.cryptoki().destroy(session, half);
      }
    }
  }

  private byte[] wrapped(long session, long mechanism, long privateKey)
      throws CryptokiException, GeneralSecurityException {
    byte[] once = new byte[WRAPPING_OCTETS];
    random.nextBytes(once);
    long wrappingKey = slot.cryptoki().create(session, wrappingKey(once));
    try {
      byte[] wrapped = slot.cryptoki().wrap(session, mechanism, wrappingKey, privateKey);
      Cipher cipher = Cipher.getInstance("AES/KWP/NoPadding");
      cipher.init(Cipher.UNWRAP_MODE, new SecretKeySpec(once, "AES"));
      Key key = cipher.unwrap(wrapped, "PKCS8", Cipher.SECRET_KEY); // octets, as they are
      byte[] padded = key.getEncoded();
      byte[] exact = withoutPadding(padded);
      Arrays.fill(padded, (byte) 0);
      return exact;
    } finally {
      Arrays.fill(once, (byte) 0);
      slot.cryptoki().destroy(session, wrappingKey);
    }
  }

  /**
   * SoftHSM fills up to a multiple of 8 octets before it wraps; strict readers take none of that.
   */
  private static byte[] withoutPadding(byte[] pkcs8) {
    int first = pkcs8[1] & 0xff; // of the SEQUENCE's length (X.690 §8.1.3)
    int more = first > 0x80 ? first & 0x7f : 0;
    int length = more == 0 ? first : 0;
    for (int i = 0; i < more; i++) {
      length = length << 8 | (pkcs8[2 + i] & 0xff);
    }
    return Arrays.copyOf(pkcs8, Math.min(pkcs8.length, 2 + more + length));
  }

  private static Map<Long, Object> wrappingKey(byte[] value) {
    Map<Long, Object> key = new HashMap<>();
    key.put(Ck.CKA_CLASS, Ck.CKO_SECRET_KEY);
    key.put(Ck.CKA_KEY_TYPE, Ck.CKK_AES);
    key.put(Ck.CKA_TOKEN, false);
    key.put(Ck.CKA_PRIVATE, true);
    key.put(Ck.CKA_SENSITIVE, true);
    key.put(Ck.CKA_EXTRACTABLE, false);
    key.put(Ck.CKA_WRAP, true);
    key.put(Ck.CKA_VALUE, value);
    return key;
  }

  private byte[] read(long session, long key, PublicKey pair)
      throws CryptokiException, GeneralSecurityException {
    KeySpec spec;
    if (type.isRsa()) {
      spec = rsa(session, key);
    } else {
      byte[] value = KeyObjects.octets(slot, session, key, Ck.CKA_VALUE);
      spec =
          pair instanceof ECPublicKey ec
              ? new ECPrivateKeySpec(new BigInteger(1, value), ec.getParams())
              : new EdECPrivateKeySpec(NamedParameterSpec.ED25519, value);
    }
    return KeyFactory.getInstance(algorithm()).generatePrivate(spec).getEncoded();
  }

  private KeySpec rsa(long session, long key) throws CryptokiException {
    BigInteger[] numbers = new BigInteger[8];
    long[] attributes = {
      Ck.CKA_MODULUS, Ck.CKA_PUBLIC_EXPONENT, Ck.CKA_PRIVATE_EXPONENT, Ck.CKA_PRIME_1,
      Ck.CKA_PRIME_2, Ck.CKA_EXPONENT_1, Ck.CKA_EXPONENT_2, Ck.CKA_COEFFICIENT
    };
    for (int i = 0; i < attributes.length; i++) {
      numbers[i] = new BigInteger(1, KeyObjects.octets(slot, session, key, attributes[i]));
    }
    return new RSAPrivateCrtKeySpec(
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4],
        numbers[5],
        numbers[6],
        numbers[7]);
  }

  private String algorithm() {
    return type.isRsa() ? "RSA" : type == KeyType.ED25519 ? "Ed25519" : "EC";
  }

  /** A key that does not fit its public half must not reach a device. */
  private DeliveredKey checked(PublicKey publicKey, byte[] pkcs8) throws GeneralSecurityException {
    PrivateKey privateKey =
        KeyFactory.getInstance(algorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    String scheme =
        type.isRsa() ? "SHA256withRSA" : type == KeyType.ED25519 ? "Ed25519" : "SHA256withECDSA";
    Signature signature = Signature.getInstance(scheme);
    signature.initSign(privateKey);
    signature.update(publicKey.getEncoded());
    byte[] proof = signature.sign();
    signature.initVerify(publicKey);
    signature.update(publicKey.getEncoded());
    if (!signature.verify(proof)) {
      throw unfit("its halves do not match");
    }
    Arrays.fill(pkcs8, (byte) 0);
    return new DeliveredKey(publicKey, privateKey.getEncoded());
  }

  private RefusedException unfit(String what) {
    return new RefusedException(
        Reason.MECHANISM_MISSING,
        Quoted.of(slot.label()) + " lets no new " + type + " key out: " + what,
        "make the key on the device, or use a module that wraps keys with CKM_AES_KEY_WRAP_PAD");
  }
}
