package io.guardbee.service.serverkey;

import java.security.PublicKey;

/**
 * A private key packed for its device, and its public half.
 *
 * @param contentType what the content is (RFC 7030 §4.4.2)
 * @param content DER; secret when it is a bare key
 */
public record PackedKey(PublicKey publicKey, String contentType, byte[] content) {
  @Override
  public String toString() {
    return "PackedKey[" + contentType + ", ***]";
  }
}
