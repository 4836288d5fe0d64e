package io.guardbee.pki;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.util.HexFormat;

/**
 * A PKCS#10 request (RFC 2986 §4) without a name: the service knows who asks. Written by hand,
 * since neither extension nor operator carry an ASN.1 library.
 */
public final class SigningRequest {

  private static final int SEQUENCE = 0x30;
  private static final int BIT_STRING = 0x03;

  /** INTEGER 0 and an empty Name. */
  private static final byte[] VERSION_AND_SUBJECT = HexFormat.of().parseHex("0201003000");

  /** [0] IMPLICIT SET OF Attribute, empty. */
  private static final byte[] NO_ATTRIBUTES = HexFormat.of().parseHex("a000");

  /** The content of the AlgorithmIdentifier, in hexadecimal. */
  private static String identifier(String algorithm) {
    return switch (algorithm) {
      case "SHA256withECDSA" -> "06082a8648ce3d040302"; // RFC 5758 §3.2
      case "SHA384withECDSA" -> "06082a8648ce3d040303";
      case "SHA256withRSA" -> "06092a864886f70d01010b0500"; // RFC 8017 appendix A.2.4
      default -> "06032b6570"; // Ed25519, RFC 8410 §3
    };
  }

  private SigningRequest() {}

  /**
   * A request for this key, in PEM.
   *
   * @throws GeneralSecurityException when the key does not sign
   */
  public static String pem(KeyPair pair) throws GeneralSecurityException {
    byte[] info = der(SEQUENCE, VERSION_AND_SUBJECT, pair.getPublic().getEncoded(), NO_ATTRIBUTES);
    String algorithm = Credential.signatureAlgorithm(pair.getPublic());
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(pair.getPrivate());
    signature.update(info);
    byte[] request =
        der(
            SEQUENCE,
            info,
            der(SEQUENCE, HexFormat.of().parseHex(identifier(algorithm))),
            der(BIT_STRING, new byte[1], signature.sign())); // no unused bits
    return Pem.block("CERTIFICATE REQUEST", request);
  }

  /** Tag, length and content (X.690 §8.1.3, definite form). */
  private static byte[] der(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.size();
    if (length > 0xff) {
      out.write(0x82);
      out.write(length >> 8);
    } else if (length > 0x7f) {
      out.write(0x81);
    }
    out.write(length);
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }
}
