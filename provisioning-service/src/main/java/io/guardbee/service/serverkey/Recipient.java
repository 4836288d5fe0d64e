package io.guardbee.service.serverkey;

import java.security.PublicKey;
import javax.crypto.SecretKey;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;

/** To whom a key is encrypted. */
sealed interface Recipient {

  /** What names the key, as the request wrote it. */
  byte[] identifier();

  /** The cipher for the content. */
  ASN1ObjectIdentifier cipher();

  /** A key pair of the device's: RSA, or EC on a named curve. */
  record Pair(byte[] identifier, PublicKey key, ASN1ObjectIdentifier cipher) implements Recipient {}

  /** A key that device and service share. */
  record Shared(byte[] identifier, SecretKey key, ASN1ObjectIdentifier cipher)
      implements Recipient {}
}
