package io.guardbee.service.request.key;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.profile.KeyKind;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Looks at a public key before any arithmetic is done with it: its encoding is the only one that
 * the key has, so that one key has one fingerprint; its numbers are no known way to the private
 * key. Thread-safe.
 */
public final class KeyGate {

  private KeyGate() {}

  /** The two numbers of an RSA key. */
  record Rsa(BigInteger modulus, BigInteger exponent) {}

  /** Cheap ones first. */
  private static final List<Consumer<Rsa>> RSA_CHECKS =
      List.of(
          RsaNumbers::checkSize,
          RsaNumbers::checkExponent,
          DebianWeakKeys::check,
          RsaFactors::checkSmall,
          Roca::check,
          RsaFactors::checkClose);

  /**
   * Admits a key.
   *
   * @param spki SubjectPublicKeyInfo (RFC 5280 §4.1.2.7)
   * @return the key, ready to verify with
   * @throws RefusedException {@link Reason#KEY_UNSUPPORTED}, {@link Reason#KEY_WEAK}, {@link
   *     Reason#KEY_FACTORED}, {@link Reason#KEY_ROCA}, {@link Reason#KEY_DEBIAN_WEAK}, {@link
   *     Reason#KEY_POINT_INVALID}
   */
  public static PublicKey admit(SubjectPublicKeyInfo spki) {
    KeyKind kind = KeyKind.of(spki);
    byte[] key = spki.getPublicKeyData().getOctets();
    switch (kind) {
      case EC_P256 -> checkPoint(WeierstrassCurve.P256, key);
      case EC_P384 -> checkPoint(WeierstrassCurve.P384, key);
      case ED25519 -> Edwards25519.check(key);
      case RSA -> checkRsa(spki, key);
    }
    return decoded(kind, spki);
  }

  private static void checkPoint(WeierstrassCurve curve, byte[] point) {
    curve.check(point);
    DebianWeakKeys.check(point);
  }

  private static void checkRsa(SubjectPublicKeyInfo spki, byte[] key) {
    Rsa numbers = numbers(key);
    // RFC 3279 §2.3.1; without it the same key would have a second fingerprint
    if (!DERNull.INSTANCE.equals(spki.getAlgorithm().getParameters())) {
      throw malformed("its parameters are not NULL");
    }
    RSA_CHECKS.forEach(check -> check.accept(numbers));
  }

  private static Rsa numbers(byte[] der) {
    try {
      var key = org.bouncycastle.asn1.pkcs.RSAPublicKey.getInstance(der);
      if (!Arrays.equals(der, key.getEncoded(ASN1Encoding.DER))) {
        throw malformed("it is not DER");
      }
      return new Rsa(key.getModulus(), key.getPublicExponent());
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      throw malformed("it is not a sequence of two integers");
    }
  }

  private static PublicKey decoded(KeyKind kind, SubjectPublicKeyInfo spki) {
    String algorithm =
        switch (kind) {
          case EC_P256, EC_P384 -> "EC";
          case ED25519 -> "Ed25519";
          case RSA -> "RSA";
        };
    try {
      return KeyFactory.getInstance(algorithm)
          .generatePublic(new X509EncodedKeySpec(spki.getEncoded(ASN1Encoding.DER)));
    } catch (GeneralSecurityException | IOException e) {
      throw malformed("it does not decode");
    }
  }

  private static RefusedException malformed(String why) {
    return new RefusedException(
        Reason.KEY_UNSUPPORTED,
        "the encoding of the public key is not the one of RFC 3279: " + why,
        "let a well-known library write the request, such as openssl req -new");
  }
}
