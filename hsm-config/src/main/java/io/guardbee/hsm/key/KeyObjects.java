package io.guardbee.hsm.key;

import io.guardbee.hsm.cryptoki.Ck;
import io.guardbee.hsm.cryptoki.Cryptoki;
import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.session.Slot;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Key pairs as the two objects that a token holds for each. A pair is known by its private half: a
 * public half alone is what a crash left, and is passed over.
 */
final class KeyObjects {

  private static final Logger LOG = LoggerFactory.getLogger(KeyObjects.class);
  private static final byte[] EXPONENT = {1, 0, 1};

  /** How a pair is found again: labels are not unique in PKCS#11, so the id belongs to it. */
  record Name(String label, String id) {
    byte[] idOctets() {
      return HexFormat.of().parseHex(id);
    }
  }

  /** How long a pair lives, and whether its private half may leave the module. */
  enum Life {
    /** It outlives the session and never leaves. */
    LASTING,
    /** It ends with the session and never leaves. */
    PASSING,
    /** It ends with the session and leaves encrypted. */
    WRAPPED,
    /** It ends with the session and may be read. */
    READ
  }

  private KeyObjects() {}

  /**
   * Makes a pair that can sign, nothing else.
   *
   * @return the handles of its public and its private half
   */
  static long[] generate(Slot slot, long session, Name name, KeyType type, Life life)
      throws CryptokiException {
    Map<Long, Object> publicKey = new HashMap<>();
    publicKey.put(Ck.CKA_TOKEN, life == Life.LASTING);
    publicKey.put(Ck.CKA_PRIVATE, false);
    publicKey.put(Ck.CKA_KEY_TYPE, type.keyType());
    publicKey.put(Ck.CKA_LABEL, name.label());
    publicKey.put(Ck.CKA_ID, name.idOctets());
    publicKey.put(Ck.CKA_VERIFY, true);
    if (type.isRsa()) {
      publicKey.put(Ck.CKA_MODULUS_BITS, (long) type.bits());
      publicKey.put(Ck.CKA_PUBLIC_EXPONENT, EXPONENT);
    } else {
      publicKey.put(Ck.CKA_EC_PARAMS, type.parameters());
    }
    Map<Long, Object> privateKey = new HashMap<>();
    privateKey.put(Ck.CKA_TOKEN, life == Life.LASTING);
    privateKey.put(Ck.CKA_PRIVATE, true);
    privateKey.put(Ck.CKA_SENSITIVE, life != Life.READ);
    privateKey.put(Ck.CKA_EXTRACTABLE, life == Life.WRAPPED || life == Life.READ);
    privateKey.put(Ck.CKA_LABEL, name.label());
    privateKey.put(Ck.CKA_ID, name.idOctets());
    privateKey.put(Ck.CKA_SIGN, true);
    privateKey.put(Ck.CKA_DECRYPT, false);
    privateKey.put(Ck.CKA_UNWRAP, false);
    privateKey.put(Ck.CKA_DERIVE, false);
    for (String omitted : slot.profile().omit()) {
      Cryptoki.attributeNumber(omitted).ifPresent(publicKey::remove);
      Cryptoki.attributeNumber(omitted).ifPresent(privateKey::remove);
    }
    return slot.cryptoki().generatePair(session, type.generation(), publicKey, privateKey);
  }

  /** The names of all private keys with these further attributes. */
  static List<Name> names(Slot slot, long session, Map<Long, Object> wanted)
      throws CryptokiException {
    Map<Long, Object> template = new HashMap<>(wanted);
    template.put(Ck.CKA_CLASS, Ck.CKO_PRIVATE_KEY);
    List<Name> names = new ArrayList<>();
    long[] found = slot.cryptoki().find(session, template);
    slot.requireLogin(session);
    if (found.length == 0) {
      slot.requirePresent(session);
    }
    for (long handle : found) {
      Object label = slot.cryptoki().attribute(session, handle, Ck.CKA_LABEL);
      Object id = slot.cryptoki().attribute(session, handle, Ck.CKA_ID);
      if (label instanceof char[] text && id instanceof byte[] octets && octets.length > 0) {
        names.add(new Name(new String(text), HexFormat.of().formatHex(octets)));
      }
    }
    return names;
  }

  /** The whole key, or nothing when its public half is missing or of a kind not known here. */
  static Optional<TokenKey> key(Slot slot, long session, Name name) throws CryptokiException {
    for (long handle : handles(slot, session, Ck.CKO_PUBLIC_KEY, name)) {
      Optional<TokenKey> key = key(slot, session, name, handle);
      if (key.isPresent()) {
        return key;
      }
    }
    LOG.warn(
        "token {} holds the private key {} without a public key of the same id {} and of a kind"
            + " that Guardbee uses: ignored",
        Quoted.of(slot.label()),
        Quoted.of(name.label()),
        name.id());
    return Optional.empty();
  }

  /** The key whose public half has that handle. */
  static Optional<TokenKey> key(Slot slot, long session, Name name, long handle)
      throws CryptokiException {
    try {
      Object kind = slot.cryptoki().attribute(session, handle, Ck.CKA_KEY_TYPE);
      PublicKey publicKey = null;
      KeyType type = null;
      if (kind instanceof Long number && number == Ck.CKK_RSA) {
        byte[] modulus = octets(slot, session, handle, Ck.CKA_MODULUS);
        type = rsaType(modulus);
        publicKey = PublicKeys.rsa(modulus, octets(slot, session, handle, Ck.CKA_PUBLIC_EXPONENT));
      } else {
        type = curveType(octets(slot, session, handle, Ck.CKA_EC_PARAMS));
        byte[] point = octets(slot, session, handle, Ck.CKA_EC_POINT);
        if (type != null) {
          publicKey =
              type == KeyType.ED25519 ? PublicKeys.ed25519(point) : PublicKeys.ec(type, point);
        }
      }
      return type == null || publicKey == null
          ? Optional.empty()
          : Optional.of(
              new TokenKey(
                  name.label(),
                  name.id(),
                  type,
                  publicKey,
                  TokenPrivateKey.of(slot, name, publicKey)));
    } catch (GeneralSecurityException e) {
      throw new RefusedException(
          Reason.MODULE_FAILED,
          Quoted.of(slot.label())
              + ": public key "
              + Quoted.of(name.label())
              + ": "
              + e.getMessage(),
          "destroy the key with your module's own tool");
    }
  }

  /** The attribute's value; no octets where it has none. */
  static byte[] octets(Slot slot, long session, long handle, long attribute)
      throws CryptokiException {
    return slot.cryptoki().attribute(session, handle, attribute) instanceof byte[] octets
        ? octets
        : new byte[0];
  }

  private static @Nullable KeyType curveType(byte[] parameters) {
    return Arrays.stream(KeyType.values())
        .filter(type -> !type.isRsa() && Arrays.equals(parameters, type.parameters()))
        .findFirst()
        .orElse(null);
  }

  private static @Nullable KeyType rsaType(byte[] modulus) {
    int bits = new java.math.BigInteger(1, modulus).bitLength();
    return Arrays.stream(KeyType.values())
        .filter(type -> type.isRsa() && type.bits() == bits)
        .findFirst()
        .orElse(null);
  }

  /**
   * The private half's handle now.
   *
   * @throws RefusedException {@link Reason#KEY_MISSING} when the key has been destroyed
   */
  static long privateHandle(Slot slot, long session, Name name) throws CryptokiException {
    long[] found = handles(slot, session, Ck.CKO_PRIVATE_KEY, name);
    if (found.length == 0) {
      slot.requirePresent(session);
      throw new RefusedException(
          Reason.KEY_MISSING,
          Quoted.of(slot.label()) + ": key " + Quoted.of(name.label()) + " is no longer there",
          "make a new key, or restore the token from its backup");
    }
    return found[0];
  }

  /** Whether the module says yes; false also where it does not say. */
  static boolean flag(Slot slot, long session, long handle, long attribute)
      throws CryptokiException {
    try {
      return Boolean.TRUE.equals(slot.cryptoki().attribute(session, handle, attribute));
    } catch (CryptokiException e) {
      if (e.isNoAttribute()) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Destroys both halves, the private one first: a crash leaves a public half, which is harmless.
   */
  static void destroy(Slot slot, long session, Name name) throws CryptokiException {
    for (long half : new long[] {Ck.CKO_PRIVATE_KEY, Ck.CKO_PUBLIC_KEY}) {
      for (long handle : handles(slot, session, half, name)) {
        slot.cryptoki().destroy(session, handle);
      }
    }
  }

  private static long[] handles(Slot slot, long session, long half, Name name)
      throws CryptokiException {
    return slot.cryptoki()
        .find(
            session,
            Map.of(
                Ck.CKA_CLASS, half,
                Ck.CKA_LABEL, name.label(),
                Ck.CKA_ID, name.idOctets()));
  }
}
