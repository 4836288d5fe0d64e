package io.guardbee.service.explain;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.bouncycastle.asn1.ASN1Sequence;

/** A certificate or a PKCS#10 request, in whatever form people have it. */
final class Document {

  private static final byte DER_SEQUENCE = 0x30;
  private static final String REQUEST = "CERTIFICATE REQUEST";
  private static final String OLD_REQUEST = "NEW CERTIFICATE REQUEST";

  private final boolean request;
  private final byte[] der;

  private Document(boolean request, byte[] der) {
    this.request = request;
    this.der = der.clone();
  }

  boolean isRequest() {
    return request;
  }

  byte[] der() {
    return der.clone();
  }

  static Document of(byte[] document) {
    if (document.length > 0 && document[0] == DER_SEQUENCE) {
      return ofDer(document);
    }
    String text = new String(document, StandardCharsets.ISO_8859_1);
    for (String label : new String[] {REQUEST, OLD_REQUEST}) {
      if (text.contains("-----BEGIN " + label + "-----")) {
        return new Document(true, Pem.der(label, text));
      }
    }
    if (text.contains("-----BEGIN CERTIFICATE-----")) {
      return new Document(false, Pem.der("CERTIFICATE", text));
    }
    if (text.contains("-----BEGIN ")) {
      throw neither(); // a private key is not even decoded
    }
    try {
      return ofDer(Base64.getMimeDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw neither();
    }
  }

  /** A request's first part begins with version 0, a certificate's with [0] or a serial number. */
  private static Document ofDer(byte[] der) {
    try {
      ASN1Sequence outer = ASN1Sequence.getInstance(der);
      ASN1Sequence body = ASN1Sequence.getInstance(outer.getObjectAt(0));
      return new Document(body.size() <= 4, der); // RFC 2986 §4.1 against RFC 5280 §4.1
    } catch (RuntimeException e) {
      throw neither();
    }
  }

  private static RefusedException neither() {
    return new RefusedException(
        Reason.REQUEST_MALFORMED,
        "this is neither a certificate nor a certificate request",
        "give the PEM file of one, or a device id");
  }
}
