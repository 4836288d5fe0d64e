package io.guardbee.agent.key;

import java.security.PrivateKey;
import java.security.PublicKey;

/**
 * A device's key pair, usable until it is closed.
 *
 * <p>Never prints the private key; one in a module has no encoding at all.
 */
public final class DeviceKey implements AutoCloseable {

  private final String uri;
  private final PublicKey publicKey;
  private final PrivateKey privateKey;
  private final Runnable release;

  DeviceKey(String uri, PublicKey publicKey, PrivateKey privateKey, Runnable release) {
    this.uri = uri;
    this.publicKey = publicKey;
    this.privateKey = privateKey;
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
