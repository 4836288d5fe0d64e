package io.guardbee.service.crl;

import java.time.Instant;

/** A signed list of revoked certificates (RFC 5280 §5). Immutable. */
public final class RevocationList {

  private final String authority;
  private final Span span;
  private final byte[] der;

  /**
   * What a list is of.
   *
   * @param number RFC 5280 §5.2.3
   * @param event of the feed, up to which it surely holds what was revoked
   */
  record Span(long number, Instant thisUpdate, Instant nextUpdate, long event) {}

  RevocationList(String authority, Span span, byte[] der) {
    this.authority = authority;
    this.span = span;
    this.der = der;
  }

  /** Whose key signed it. */
  public String authority() {
    return authority;
  }

  Span span() {
    return span;
  }

  /** Grows from list to list. */
  public long number() {
    return span.number();
  }

  public Instant thisUpdate() {
    return span.thisUpdate();
  }

  /** When the next one is there at the latest. */
  public Instant nextUpdate() {
    return span.nextUpdate();
  }

  /** Not a copy, for it may be long: nobody writes into it. */
  public byte[] der() {
    return der;
  }
}
