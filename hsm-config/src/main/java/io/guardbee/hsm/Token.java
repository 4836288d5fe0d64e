package io.guardbee.hsm;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A PKCS#11 token, logged in: makes, finds and destroys keys that stay inside it. Safe for many
 * threads. Any number may be open for one token; they share library, login and sessions, and the
 * last {@link #close} logs out.
 *
 * <p>Every method fails with a {@link RefusedException} of {@link Reason#MODULE_FAILED} when the
 * module does.
 */
public final class Token implements AutoCloseable {

  private final Slot slot;
  private final SecureRandom random = new SecureRandom();
  private final AtomicBoolean open = new AtomicBoolean(true);

  private Token(Slot slot) {
    this.slot = slot;
  }

  /**
   * Loads the module, finds the token and logs in. Also installs the JCA provider {@code Guardbee},
   * through which the keys sign.
   *
   * @throws RefusedException {@link Reason#MODULE_MISSING} when there is no module, {@link
   *     Reason#KEY_MISSING} when it holds no such token, {@link Reason#PIN_WRONG} when the token
   *     refuses the PIN (which is tried once per process) or there is none
   */
  public static Token open(Pkcs11Uri uri) {
    GuardbeeProvider.install();
    Slot slot = Library.load(ModuleFile.find(uri)).slot(uri);
    slot.open(uri);
    return new Token(slot);
  }

  /** CKA_LABEL of the token. */
  public String label() {
    return slot.label();
  }

  /** Serial number of the token, as its maker gave it. */
  public String serial() {
    return slot.token().serial();
  }

  /** Who made the token. */
  public String manufacturer() {
    return slot.token().manufacturer();
  }

  /** Model of the token. */
  public String model() {
    return slot.token().model();
  }

  /**
   * Makes a key pair that signs and that cannot be exported.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when a key has that label already
   */
  public TokenKey generate(String label, KeyType type) {
    if (label.isEmpty() || label.length() > 255) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "key label " + Quoted.of(label) + " is empty or longer than 255 characters",
          "give the key a short name");
    }
    synchronized (slot.generation()) {
      return in(session -> generate(session, label, type));
    }
  }

  private TokenKey generate(long session, String label, KeyType type) throws CryptokiException {
    if (!labelled(session, label).isEmpty()) {
      throw exists(label);
    }
    KeyObjects.Name name = KeyObjects.generate(slot, session, label, type, random);
    // another process may have done the same at the same time: then at most one of us keeps its key
    if (labelled(session, label).size() > 1) {
      KeyObjects.destroy(slot, session, name);
      throw exists(label);
    }
    return KeyObjects.key(slot, session, name).orElseThrow(() -> gone(label));
  }

  /**
   * The key with that label.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when several have it
   */
  public Optional<TokenKey> find(String label) {
    return in(
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
    return in(session -> keys(session, KeyObjects.names(slot, session, Map.of())));
  }

  /** Whether the module itself says that the key is sensitive and not extractable. */
  public boolean isConfined(TokenKey key) {
    return in(
        session ->
            KeyObjects.isConfined(slot, session, new KeyObjects.Name(key.label(), key.id())));
  }

  /** Destroys both halves of the pair; does nothing when they are gone. */
  public void destroy(TokenKey key) {
    in(
        session -> {
          KeyObjects.destroy(slot, session, new KeyObjects.Name(key.label(), key.id()));
          return key;
        });
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

  private <T> T in(Slot.Work<T> work) {
    if (!open.get()) {
      throw new IllegalStateException("token " + Quoted.of(slot.label()) + " is closed");
    }
    return slot.in(work);
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

  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      slot.close();
    }
  }
}
