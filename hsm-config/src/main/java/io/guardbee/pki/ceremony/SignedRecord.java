package io.guardbee.pki.ceremony;

import java.nio.charset.StandardCharsets;

/**
 * A ceremony record and the root's signature of it; nothing is verified yet.
 *
 * @param content text of the record's file, as it was signed in UTF-8
 * @param signature base64 of the signature beside it
 */
public record SignedRecord(String content, String signature) {

  byte[] octets() {
    return content.getBytes(StandardCharsets.UTF_8);
  }
}
