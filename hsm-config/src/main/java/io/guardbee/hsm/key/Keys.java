package io.guardbee.hsm.key;

import io.guardbee.hsm.cryptoki.Ck;
import io.guardbee.hsm.cryptoki.Cryptoki;
import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.cryptoki.MechanismInfo;
import io.guardbee.hsm.cryptoki.TokenInfo;
import io.guardbee.hsm.session.Slot;
import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/** The key pairs in one token. Safe for many threads. */
public final class Keys {

  private static final int ID_OCTETS = 16;

  private final Slot slot;
  private final SecureRandom random = new SecureRandom();

  public Keys(Slot slot) {
    this.slot = slot;
  }

  public Slot slot() {
    return slot;
  }

  /**
   * Makes a key pair that signs and that cannot be exported.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when a key has that label
   *     already, {@link Reason#MECHANISM_MISSING} when the token cannot make such a key
   */
  public TokenKey generate(String label, KeyType type) {
    if (label.isEmpty() || label.length() > 255) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "key label " + Quoted.of(label) + " is empty or longer than 255 characters",
          "give the key a short name");
    }
    requireMechanism(type);
    KeyObjects.Name name = new KeyObjects.Name(label, newId());
    AtomicBoolean tried = new AtomicBoolean();
    synchronized (slot.generation()) {
      return slot.in(session -> generate(session, name, type, tried));
    }
  }

  /**
   * @param tried whether an attempt was made before whose outcome is not known
   */
  private TokenKey generate(long session, KeyObjects.Name name, KeyType type, AtomicBoolean tried)
      throws CryptokiException {
    if (tried.getAndSet(true)) {
      KeyObjects.destroy(slot, session, name); // ours alone: the id is random
    }
    if (!labelled(session, name.label()).isEmpty()) {
      throw exists(name.label());
    }
    KeyObjects.generate(slot, session, name, type, KeyObjects.Life.LASTING);
    // another process may have done the same at the same time: then at most one of us keeps its key
    if (labelled(session, name.label()).size() > 1) {
      KeyObjects.destroy(slot, session, name);
      throw exists(name.label());
    }
    return KeyObjects.key(slot, session, name).orElseThrow(() -> gone(name.label()));
  }

  /** Makes a pair as session objects and destroys it: what measuring and checking need. */
  public void generateAndForget(KeyType type) {
    requireSessionKeys(type);
    KeyObjects.Name name = new KeyObjects.Name("guardbee-check", newId());
    slot.in(
        session -> {
          long[] halves = KeyObjects.generate(slot, session, name, type, KeyObjects.Life.PASSING);
          for (long half : halves) {
            slot.cryptoki().destroy(session, half);
          }
          return halves;
        });
  }

  /**
   * Makes a key pair for somebody else: it leaves the module, where nothing of it stays.
   *
   * @throws RefusedException {@link Reason#MECHANISM_MISSING} when the token makes no such key, or
   *     lets none out
   */
  public DeliveredKey deliver(KeyType type) {
    requireSessionKeys(type);
    KeyObjects.Name name = new KeyObjects.Name("guardbee-delivered", newId());
    KeyDelivery delivery = new KeyDelivery(slot, random, type);
    return slot.in(session -> delivery.deliver(session, name));
  }

  private void requireSessionKeys(KeyType type) {
    requireMechanism(type);
    if (!slot.profile().sessionObjects().orElse(true)) {
      throw new RefusedException(
          Reason.MECHANISM_MISSING,
          Quoted.of(slot.label()) + " makes no keys that live in a session only",
          "make keys in the token, and destroy them after use");
    }
  }

  private String newId() {
    byte[] id = new byte[ID_OCTETS];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  /** Whether the module says that it can make such keys. */
  public boolean canGenerate(KeyType type) {
    MechanismInfo info = slot.mechanisms().get(type.generation());
    return info != null
        && info.generatesPairs()
        && info.takes(type.bits())
        && slot.profile().refusal(type.toString()).isEmpty();
  }

  /**
   * Checks that the module says that it can make such keys.
   *
   * @throws RefusedException {@link Reason#MECHANISM_MISSING} naming what works instead
   */
  public void requireMechanism(KeyType type) {
    if (!canGenerate(type)) {
      String instead =
          Arrays.stream(KeyType.values())
              .filter(this::canGenerate)
              .map(KeyType::toString)
              .collect(Collectors.joining(", "));
      throw new RefusedException(
          Reason.MECHANISM_MISSING,
          Quoted.of(slot.label())
              + " makes no "
              + type
              + " keys: "
              + slot.profile()
                  .refusal(type.toString())
                  .orElse(
                      "its module has no "
                          + Cryptoki.mechanismName(type.generation())
                          + " for "
                          + type.bits()
                          + " bits"),
          instead.isEmpty() ? "use another module" : "use one of the kinds it makes: " + instead);
    }
  }

  /**
   * The name of the mechanism with which the token makes signatures of that kind.
   *
   * @throws RefusedException {@link Reason#MECHANISM_MISSING} naming what works instead
   */
  public String mechanism(SignatureKind kind) {
    return Cryptoki.mechanismName(SigningPlan.choose(slot, kind).mechanism());
  }

  /**
   * The key with that label.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when several have it
   */
  public Optional<TokenKey> find(String label) {
    return slot.in(
        session -> {
          List<TokenKey> found = keys(session, labelled(session, label));
          if (found.size() > 1) {
            throw new RefusedException(
                Reason.CONFIGURATION_INVALID,
                Quoted.of(slot.label()) + " holds " + found.size() + " keys " + Quoted.of(label),
                "destroy or rename all but one with your module's own tool");
          }
          return found.stream().findFirst();
        });
  }

  /** Every key pair that Guardbee can use, in no order. */
  public List<TokenKey> list() {
    return slot.in(session -> keys(session, KeyObjects.names(slot, session, Map.of())));
  }

  /** Whether the module itself says that the key is sensitive and not extractable. */
  public boolean isConfined(TokenKey key) {
    return slot.in(
        session -> {
          long handle = KeyObjects.privateHandle(slot, session, name(key));
          return KeyObjects.flag(slot, session, handle, Ck.CKA_SENSITIVE)
              && Boolean.FALSE.equals(
                  slot.cryptoki().attribute(session, handle, Ck.CKA_EXTRACTABLE));
        });
  }

  /** What the module says of the key's life; false also where it does not say. */
  public KeyClaim evidence(TokenKey key) {
    TokenInfo token = slot.token();
    return slot.in(
        session -> {
          long handle = KeyObjects.privateHandle(slot, session, name(key));
          return new KeyClaim(
              KeyObjects.flag(slot, session, handle, Ck.CKA_ALWAYS_SENSITIVE),
              KeyObjects.flag(slot, session, handle, Ck.CKA_NEVER_EXTRACTABLE),
              KeyObjects.flag(slot, session, handle, Ck.CKA_LOCAL),
              (token.manufacturer() + " " + token.model()).strip());
        });
  }

  /** Destroys both halves of the pair; does nothing when they are gone. */
  public void destroy(TokenKey key) {
    slot.in(
        session -> {
          KeyObjects.destroy(slot, session, name(key));
          return key;
        });
  }

  private static KeyObjects.Name name(TokenKey key) {
    return new KeyObjects.Name(key.label(), key.id());
  }

  private List<KeyObjects.Name> labelled(long session, String label) throws CryptokiException {
    return KeyObjects.names(slot, session, Map.of(Ck.CKA_LABEL, label));
  }

  private List<TokenKey> keys(long session, List<KeyObjects.Name> names) throws CryptokiException {
    List<TokenKey> keys = new ArrayList<>();
    for (KeyObjects.Name name : names) {
      KeyObjects.key(slot, session, name).ifPresent(keys::add);
    }
    return keys;
  }

  private RefusedException exists(String label) {
    return new RefusedException(
        Reason.CONFIGURATION_INVALID,
        Quoted.of(slot.label()) + " holds a key " + Quoted.of(label) + " already",
        "use that key, destroy it, or choose another label");
  }

  private RefusedException gone(String label) {
    return new RefusedException(
        Reason.MODULE_FAILED,
        Quoted.of(slot.label()) + ": the new key " + Quoted.of(label) + " is not there",
        "check the module's storage and its own log");
  }
}
