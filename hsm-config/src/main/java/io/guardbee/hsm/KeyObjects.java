package io.guardbee.hsm;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Key pairs as the two objects that a token holds for each. A pair is known by its private half: a
 * public half alone is what a crash left, and is passed over.
 */
final class KeyObjects {

  private static final Logger LOG = LoggerFactory.getLogger(KeyObjects.class);
  private static final int ID_OCTETS = 16;

  /** How a pair is found again: labels are not unique in PKCS#11, so the id belongs to it. */
  record Name(String label, String id) {}

  private KeyObjects() {}

  /** Makes a pair that can sign, nothing else, and whose private half cannot leave. */
  static Name generate(Slot slot, long session, String label, KeyType type, SecureRandom random)
      throws CryptokiException {
    byte[] id = new byte[ID_OCTETS];
    random.nextBytes(id);
    Map<Long, Object> publicKey =
        Map.of(
            Ck.CKA_TOKEN,
            true,
            Ck.CKA_PRIVATE,
            false,
            Ck.CKA_KEY_TYPE,
            Ck.CKK_EC,
            Ck.CKA_LABEL,
            label,
            Ck.CKA_ID,
            id,
            Ck.CKA_VERIFY,
            true,
            Ck.CKA_EC_PARAMS,
            type.parameters());
    Map<Long, Object> privateKey =
        Map.of(
            Ck.CKA_TOKEN, true,
            Ck.CKA_PRIVATE, true,
            Ck.CKA_SENSITIVE, true,
            Ck.CKA_EXTRACTABLE, false,
            Ck.CKA_LABEL, label,
            Ck.CKA_ID, id,
            Ck.CKA_SIGN, true,
            Ck.CKA_DECRYPT, false,
            Ck.CKA_UNWRAP, false,
            Ck.CKA_DERIVE, false);
    slot.cryptoki().generatePair(session, Ck.CKM_EC_KEY_PAIR_GEN, publicKey, privateKey);
    return new Name(label, HexFormat.of().formatHex(id));
  }

  /** The names of all private EC keys with these further attributes. */
  static List<Name> names(Slot slot, long session, Map<Long, Object> wanted)
      throws CryptokiException {
    Map<Long, Object> template = new HashMap<>(wanted);
    template.put(Ck.CKA_CLASS, Ck.CKO_PRIVATE_KEY);
    template.put(Ck.CKA_KEY_TYPE, Ck.CKK_EC);
    List<Name> names = new ArrayList<>();
    long[] found = slot.cryptoki().find(session, template);
    slot.requireLogin(session);
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
      Object parameters = slot.cryptoki().attribute(session, handle, Ck.CKA_EC_PARAMS);
      Object point = slot.cryptoki().attribute(session, handle, Ck.CKA_EC_POINT);
      for (KeyType type : KeyType.values()) {
        if (parameters instanceof byte[] curve
            && Arrays.equals(curve, type.parameters())
            && point instanceof byte[] octets) {
          return Optional.of(key(slot, name, type, octets));
        }
      }
    }
    LOG.warn(
        "token {} holds the private key {} without a P-256 public key of the same id {}: ignored",
        Quoted.of(slot.label()),
        Quoted.of(name.label()),
        name.id());
    return Optional.empty();
  }

  private static TokenKey key(Slot slot, Name name, KeyType type, byte[] point) {
    try {
      var publicKey = EcPoints.publicKey(type, point);
      return new TokenKey(
          name.label(), name.id(), publicKey, new TokenPrivateKey(slot, name, publicKey));
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

  /**
   * The private half's handle now.
   *
   * @throws RefusedException {@link Reason#KEY_MISSING} when the key has been destroyed
   */
  static long privateHandle(Slot slot, long session, Name name) throws CryptokiException {
    long[] found = handles(slot, session, Ck.CKO_PRIVATE_KEY, name);
    if (found.length == 0) {
      slot.requireLogin(session);
      throw new RefusedException(
          Reason.KEY_MISSING,
          Quoted.of(slot.label()) + ": key " + Quoted.of(name.label()) + " is no longer there",
          "make a new key, or restore the token from its backup");
    }
    return found[0];
  }

  /** Whether the module says that the private half can be neither read nor exported. */
  static boolean isConfined(Slot slot, long session, Name name) throws CryptokiException {
    long handle = privateHandle(slot, session, name);
    return Boolean.TRUE.equals(slot.cryptoki().attribute(session, handle, Ck.CKA_SENSITIVE))
        && Boolean.FALSE.equals(slot.cryptoki().attribute(session, handle, Ck.CKA_EXTRACTABLE));
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
                Ck.CKA_ID, HexFormat.of().parseHex(name.id())));
  }
}
