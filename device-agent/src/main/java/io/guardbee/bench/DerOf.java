package io.guardbee.bench;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;

/** What the bare way of the benchmark needs to verify what a module gives. */
final class DerOf {

  private DerOf() {}

  /** r and s, equally long, as RFC 3279 §2.2.3 writes them. */
  static byte[] ecdsa(byte[] raw) throws IOException {
    int half = raw.length / 2;
    return new DERSequence(
            new ASN1Integer[] {
              new ASN1Integer(new BigInteger(1, Arrays.copyOf(raw, half))),
              new ASN1Integer(new BigInteger(1, Arrays.copyOfRange(raw, half, raw.length)))
            })
        .getEncoded("DER");
  }
}
