package io.guardbee.service.serverkey;

import java.security.PublicKey;

/** A private key packed for its device, and its public half. */
public final class PackedKey {

  private final PublicKey publicKey;
  private final String contentType;
  private final byte[] content;

  PackedKey(PublicKey publicKey, String contentType, byte[] content) {
    this.publicKey = publicKey;
    this.contentType = contentType;
    this.content = content;
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  /** What the content is (RFC 7030 §4.4.2). */
  public String contentType() {
    return contentType;
  }

  /** DER; secret when it is a bare key. */
  public byte[] content() {
    return content.clone();
  }
}
