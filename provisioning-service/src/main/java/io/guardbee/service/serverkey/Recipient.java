package io.guardbee.service.serverkey;

import java.security.PublicKey;
import javax.crypto.SecretKey;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;

/** To whom a key is encrypted. */
// what names a key is compared by Arrays.equals alone
@SuppressWarnings("ArrayRecordComponent")
sealed interface Recipient {

  /** What names the key, as the request wrote it. */
  ASN1OctetString identifier();

  /** The cipher for the content. */
  ASN1ObjectIdentifier cipher();

  /** A key pair of the device's: RSA, or EC on a named curve. */
  record Pair(ASN1OctetString identifier, PublicKey key, ASN1ObjectIdentifier cipher)
      implements Recipient {}

  /** A key that device and service share. */
  record Shared(ASN1OctetString identifier, SecretKey key, ASN1ObjectIdentifier cipher)
      implements Recipient {}
}
