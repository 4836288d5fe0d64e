package io.guardbee.service.ocsp;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An encoded OCSPResponse (RFC 6960 §4.2). Immutable. */
public final class OcspAnswer {

  /**
   * How long an answer may be kept by others.
   *
   * @param produced when it was signed
   * @param next when to ask again
   */
  public record Life(Instant produced, Instant next) {}

  private final byte[] der;
  private final @Nullable Life life;

  OcspAnswer(byte[] der, @Nullable Life life) {
    this.der = der;
    this.life = life;
  }

  /** Not a copy: nobody writes into it. */
  public byte[] der() {
    return der;
  }

  /** Null for an error, and for an answer to one question alone, by its nonce. */
  public @Nullable Life life() {
    return life;
  }
}
