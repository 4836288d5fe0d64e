package io.guardbee.agent.key;

import io.guardbee.pki.KeyClaim;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A device's key pair, usable until it is closed.
 *
 * <p>Never prints the private key; one in a module has no encoding at all.
 */
public final class DeviceKey implements AutoCloseable {

  private final String uri;
  private final PublicKey publicKey;
  private final PrivateKey privateKey;
  private final @Nullable KeyClaim claim;
  private final Runnable release;

  /** A key outside of any module, of which nothing can be said. */
  DeviceKey(String uri, PublicKey publicKey, PrivateKey privateKey) {
    this(uri, new KeyPair(publicKey, privateKey), null, () -> {});
  }

  DeviceKey(String uri, KeyPair pair, @Nullable KeyClaim claim, Runnable release) {
    this.uri = uri;
    this.publicKey = pair.getPublic();
    this.privateKey = pair.getPrivate();
    this.claim = claim;
    this.release = release;
  }

  /** Where the key lives, for {@link KeyPlace#parse}. */
  public String uri() {
    return uri;
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  public PrivateKey privateKey() {
    return privateKey;
  }

  /** What its module says of the key's life; empty for a key in a file. */
  public Optional<KeyClaim> claim() {
    return Optional.ofNullable(claim);
  }

  /** Logs out of the key's module, if it is in one. */
  @Override
  public void close() {
    release.run();
  }

  @Override
  public String toString() {
    return uri;
  }
}
