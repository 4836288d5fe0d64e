package io.guardbee.hsm;

import io.guardbee.hsm.jca.GuardbeeProvider;
import io.guardbee.hsm.key.Certificates;
import io.guardbee.hsm.key.DeliveredKey;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.Keys;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.session.Library;
import io.guardbee.hsm.session.Slot;
import io.guardbee.hsm.session.TokenHealth;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A PKCS#11 token, logged in: makes, finds and destroys keys that stay inside it. Safe for many
 * threads. Any number may be open for one token; they share library, login and sessions, and the
 * last {@link #close} logs out.
 *
 * <p>Rides through the module's faults: sessions that end, a log-out, a token or a daemon that goes
 * away and comes back. While it is away every method fails at once with a {@link RefusedException}
 * of {@link Reason#MODULE_FAILED}, as {@link #health} tells.
 */
public final class Token implements AutoCloseable {

  private final Keys keys;
  private final AtomicBoolean open = new AtomicBoolean(true);

  private Token(Keys keys) {
    this.keys = keys;
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
    Slot slot = Library.of(uri).slot(uri);
    slot.open(uri);
    return new Token(new Keys(slot));
  }

  /** CKA_LABEL of the token. */
  public String label() {
    return keys.slot().label();
  }

  /** The token's serial number, as its module tells it. */
  public String serial() {
    return keys.slot().token().serial();
  }

  /** Whether the token serves, and since when. */
  public TokenHealth health() {
    return keys.slot().health();
  }

  /** Who made the token. */
  public String manufacturer() {
    return keys.slot().token().manufacturer();
  }

  /** Model of the token. */
  public String model() {
    return keys.slot().token().model();
  }

  /**
   * Makes a key pair that signs and that cannot be exported.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when a key has that label
   *     already, {@link Reason#MECHANISM_MISSING} when the token cannot make such a key
   */
  public TokenKey generate(String label, KeyType type) {
    return keys().generate(label, type);
  }

  /**
   * Makes a key pair for somebody else: it leaves the module, where nothing of it stays.
   *
   * @return to be closed, which wipes it
   * @throws RefusedException {@link Reason#MECHANISM_MISSING} when the token makes no such key, or
   *     lets none out
   */
  public DeliveredKey deliver(KeyType type) {
    return keys().deliver(type);
  }

  /**
   * The key with that label.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when several have it
   */
  public Optional<TokenKey> find(String label) {
    return keys().find(label);
  }

  /** Every key pair that Guardbee can use, in no order. */
  public List<TokenKey> list() {
    return keys().list();
  }

  /** Whether the module itself says that the key is sensitive and not extractable. */
  public boolean isConfined(TokenKey key) {
    return keys().isConfined(key);
  }

  /** What the module says of the key's life. */
  public KeyClaim evidence(TokenKey key) {
    return keys().evidence(key);
  }

  /** Destroys both halves of the pair; does nothing when they are gone. */
  public void destroy(TokenKey key) {
    keys().destroy(key);
  }

  /** The certificates that are stored beside the keys. */
  public Certificates certificates() {
    return new Certificates(keys().slot());
  }

  /** What measuring and checking need beyond this class. */
  public Keys keys() {
    if (!open.get()) {
      throw new IllegalStateException("token " + Quoted.of(label()) + " is closed");
    }
    return keys;
  }

  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      keys.slot().close();
    }
  }
}
