package io.guardbee.service.request.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.Csr;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that give themselves away, each of its kind. */
class KeyGateTest {

  private static final BigInteger E = BigInteger.valueOf(65_537);
  private static final Random RANDOM = new Random(1);

  /** A product of two primes, of 2048 or 2049 bits. */
  private static final BigInteger SOUND =
      BigInteger.probablePrime(1024, RANDOM).multiply(BigInteger.probablePrime(1025, RANDOM));

  /** OpenSSL 0.9.8g of Debian lenny on amd64, process 1. */
  private static final String DEBIAN_AMD64 =
      "a2555144c4a1d5a49e19acbcb239a317943f21b8a9a15dbdb765713c8738b2188f7af289cd14c53d"
          + "973c301bf4de80ef8e23603df4f5eab06a1d6e5c9db05dd445d80576233c6e9be365bd779f87e078"
          + "4d6b65c65fe70e300f41c702743ce4c122b1111646219839c2060c755ee0024c599d9c148d75f896"
          + "558bbd7387d4592c837aa9bf40d305ffcf04a7ac590b88c73553524759292b3c29819462b67eaee9"
          + "b449114229b0bdc10a4c30e02b5ae8a9a304b9d14868a12fb72e1f7fc0dfb3adc3550918f687ff77"
          + "08524cda5ab324785d7bc797fa9ecdc73d6ea2b929a1d3c4a5652f7b682c0a1efd5971cbf73a7fe8"
          + "dffea30b2f2901f7d921e7308cef1c83";

  /** OpenSSL 0.9.8g of Debian lenny on i386, process 1. */
  private static final String DEBIAN_I386 =
      "e90f8dbd2ae63c21429453998c98736276358d70dc033e30320b031153d43c4ded481c34e27854e2"
          + "192c57dd096759be08da57aa23b95661e73e96ee6fda855e99a58cf90c82809185d7e89d423ec080"
          + "ad1943e9be246b127e2d56c92e5997ce9087faf85bb47a59a82e58f8154362d641e8a3b9f5d11da3"
          + "cb41bdfbdc93efc3f6af977311806de2df9e82b3ea41127c4b3357d1877bc389e2dba6fc67dcb684"
          + "16a72dcd86b56f6c803d41e0ee590fa6beb1ad15961a3c999c35ee940787ea73f850ae6dc65c910b"
          + "bc6450a79f2014e39e552365403e56a162f429c9885eb0da43c909eb476159c946c74d5a7f65cb7f"
          + "aeeae64f45c309fd1feb166f0cc728b5";

  /** Of process 1234 on PowerPC. */
  private static final String DEBIAN_P256 =
      "049f9978c2145011308f52823555ac5d376cdf2827f6c1f99d83fa0f47861e59099af0c068a35056"
          + "7cb2d90505e8b0d05a9d06df6ca800ad124a1d679fc045f798";

  private static final String DEBIAN_P384 =
      "04033aaa6f4c0dc0c1f9a7e7651baed78c38603bac2963557e68e249cf4d87fb200e2806dedfb76d"
          + "6495f383cb71340dfe7bcfeb68de80cba25ead1ad6be737335133471fc6bbe80210a0d5a982aea90"
          + "e6dc3c6de2f6ecc3bea4c359d1c0eb04cf";

  private static void assertRefused(SubjectPublicKeyInfo key, Reason reason, String told) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> KeyGate.admit(key))
        .withMessageContaining(told)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static SubjectPublicKeyInfo rsa(BigInteger modulus, BigInteger exponent) {
    try {
      return new SubjectPublicKeyInfo(
          new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
          new RSAPublicKey(modulus, exponent));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SubjectPublicKeyInfo ec(ASN1Encodable curve, byte[] point) {
    return new SubjectPublicKeyInfo(
        new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve), point);
  }

  private static SubjectPublicKeyInfo p256(String point) {
    return ec(X9ObjectIdentifiers.prime256v1, HexFormat.of().parseHex(point));
  }

  private static SubjectPublicKeyInfo edwards(String point) {
    return new SubjectPublicKeyInfo(
        new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519), HexFormat.of().parseHex(point));
  }

  private static SubjectPublicKeyInfo info(PublicKey key) {
    return SubjectPublicKeyInfo.getInstance(key.getEncoded());
  }

  @ParameterizedTest
  @ValueSource(strings = {"secp256r1", "secp384r1", "Ed25519", "2048", "3072"})
  void soundKeysPass(String kind) throws GeneralSecurityException {
    for (int i = 0; i < (kind.length() == 4 ? 2 : 50); i++) {
      PublicKey key = newKey(kind);
      assertThat(KeyGate.admit(info(key)).getEncoded()).isEqualTo(key.getEncoded());
    }
  }

  private static PublicKey newKey(String kind) throws GeneralSecurityException {
    if (kind.startsWith("secp")) {
      return Csr.newKey(kind).getPublic();
    }
    return kind.equals("Ed25519")
        ? KeyPairGenerator.getInstance(kind).generateKeyPair().getPublic()
        : Csr.newRsaKey(Integer.parseInt(kind)).getPublic();
  }

  @ParameterizedTest
  @CsvSource({
    "1, bits with exponent 1 ",
    "3, bits with exponent 3 ",
    "65535, exponent 65535",
    "65538, exponent 65538"
  })
  void exponentsThatAreNoneAreRefused(String exponent, String told) {
    assertRefused(rsa(SOUND, new BigInteger(exponent)), Reason.KEY_WEAK, told);
  }

  @Test
  void negativeNumbersAreRefused() {
    assertRefused(rsa(SOUND.negate(), E), Reason.KEY_UNSUPPORTED, "encoding");
    assertRefused(rsa(SOUND, E.negate()), Reason.KEY_UNSUPPORTED, "encoding");
  }

  @Test
  void hugeExponentIsRefusedAndNotPrinted() {
    BigInteger huge = BigInteger.ONE.shiftLeft(2000).add(BigInteger.ONE);
    assertRefused(rsa(SOUND, huge), Reason.KEY_WEAK, "exponent of 2001 bits");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 512, 1024, 2047, 8193, 16_384})
  void sizesBeyondTheBoundsAreRefused(int bits) {
    BigInteger modulus = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
    assertRefused(rsa(modulus, E), Reason.KEY_WEAK, "of " + bits + " bits");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 17, 7919, 8191})
  void smallFactorsAreFound(int factor) {
    assertRefused(
        rsa(SOUND.multiply(BigInteger.valueOf(factor)), E),
        Reason.KEY_FACTORED,
        "divisible by " + factor + ",");
  }

  @Test
  void squaresAndClosePrimesAreFound() {
    BigInteger prime = BigInteger.ONE.shiftLeft(1024).subtract(BigInteger.valueOf(1_000_000));
    BigInteger first = prime.nextProbablePrime();
    assertRefused(rsa(first.multiply(first), E), Reason.KEY_FACTORED, "square");
    assertRefused(
        rsa(first.multiply(first.nextProbablePrime()), E), Reason.KEY_FACTORED, "close together");
    BigInteger upperHalfShared = first.subtract(BigInteger.ONE.shiftLeft(513)).nextProbablePrime();
    assertRefused(rsa(first.multiply(upperHalfShared), E), Reason.KEY_FACTORED, "close together");
  }

  /** As the library made them (Nemec et al., CCS 2017, §2.1), with M for 2048 bits. */
  @Test
  void rocaIsFound() {
    BigInteger primorial = BigInteger.ONE;
    BigInteger prime = BigInteger.TWO;
    for (int i = 0; i < 126; i++, prime = prime.nextProbablePrime()) {
      primorial = primorial.multiply(prime);
    }
    BigInteger modulus;
    do {
      modulus = rocaPrime(primorial).multiply(rocaPrime(primorial));
    } while (modulus.bitLength() != 2048);
    assertRefused(rsa(modulus, E), Reason.KEY_ROCA, "CVE-2017-15361");
  }

  private static BigInteger rocaPrime(BigInteger primorial) {
    while (true) {
      BigInteger power = E.modPow(new BigInteger(256, RANDOM), primorial);
      BigInteger k =
          new BigInteger(1024 - primorial.bitLength(), RANDOM).setBit(1023 - primorial.bitLength());
      BigInteger candidate = primorial.multiply(k).add(power);
      if (candidate.bitLength() == 1024 && candidate.isProbablePrime(30)) {
        return candidate;
      }
    }
  }

  static Stream<Arguments> debian() {
    return Stream.of(
        Arguments.of("amd64", rsa(new BigInteger(DEBIAN_AMD64, 16), E)),
        Arguments.of("i386", rsa(new BigInteger(DEBIAN_I386, 16), E)),
        Arguments.of("P-256", p256(DEBIAN_P256)),
        Arguments.of(
            "P-384", ec(SECObjectIdentifiers.secp384r1, HexFormat.of().parseHex(DEBIAN_P384))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("debian")
  void debianWeakKeysAreFound(String name, SubjectPublicKeyInfo key) {
    assertRefused(key, Reason.KEY_DEBIAN_WEAK, "CVE-2008-0166");
  }

  @Test
  void debianListIsWholeAndSorted() throws IOException {
    assertThat(DebianWeakKeys.size()).isGreaterThan(600_000);
    byte[] list = KeyGate.class.getResourceAsStream("debian-weak-keys.bin").readAllBytes();
    for (int at = 6; at < list.length; at += 6) {
      assertThat(Arrays.compareUnsigned(list, at - 6, at, list, at, at + 6)).isNegative();
    }
  }

  static Stream<Arguments> points() {
    byte[] good = info(Csr.newKey().getPublic()).getPublicKeyData().getOctets();
    String x = HexFormat.of().formatHex(good, 1, 33);
    String y = HexFormat.of().formatHex(good, 33, 65);
    String off = HexFormat.of().formatHex(new byte[31]) + "05";
    String beyond = "ff".repeat(32);
    return Stream.of(
        Arguments.of("00", "infinity"),
        Arguments.of("", "infinity"),
        Arguments.of("02" + x, "compressed"),
        Arguments.of("03" + x, "compressed"),
        Arguments.of("06" + x + y, "compressed"),
        Arguments.of("04" + x, "33 octets, not 65"),
        Arguments.of("04" + x + y + "00", "66 octets"),
        Arguments.of("04" + x + off, "not on the curve"),
        Arguments.of("04" + "00".repeat(64), "not on the curve"),
        Arguments.of("04" + beyond + y, "beyond the field"),
        Arguments.of("04" + x + beyond, "beyond the field"));
  }

  @ParameterizedTest
  @MethodSource("points")
  void whatIsNoPointOfTheCurveIsRefused(String point, String told) {
    assertRefused(p256(point), Reason.KEY_POINT_INVALID, told);
  }

  @Test
  void curveMustBeNamedAndKnown() {
    byte[] point = info(Csr.newKey().getPublic()).getPublicKeyData().getOctets();
    assertRefused(
        ec(SECNamedCurves.getByName("secp256r1"), point), Reason.KEY_UNSUPPORTED, "explicit");
    assertRefused(ec(DERNull.INSTANCE, point), Reason.KEY_UNSUPPORTED, "explicit");
    assertRefused(
        ec(SECObjectIdentifiers.secp256k1, point), Reason.KEY_UNSUPPORTED, "1.3.132.0.10");
    assertRefused(
        ec(SECObjectIdentifiers.secp384r1, point), Reason.KEY_POINT_INVALID, "65 octets, not 97");
    assertRefused(
        new SubjectPublicKeyInfo(new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.2.3")), point),
        Reason.KEY_UNSUPPORTED,
        "1.2.3");
  }

  @ParameterizedTest
  @CsvSource({
    "0000000000000000000000000000000000000000000000000000000000000000, small order",
    "0100000000000000000000000000000000000000000000000000000000000000, small order",
    "0100000000000000000000000000000000000000000000000000000000000080, small order",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f, small order",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05, small order",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a, small order",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa, small order",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f, shortest form",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff, shortest form",
    "0200000000000000000000000000000000000000000000000000000000000000, not on the curve",
    "00, 1 octets"
  })
  void pointsOfEd25519ThatAreNoKeyAreRefused(String point, String told) {
    assertRefused(edwards(point), Reason.KEY_POINT_INVALID, told);
  }

  @Test
  void numbersInMoreOctetsThanNeedBeAreRefused() throws IOException {
    byte[] der = new RSAPublicKey(SOUND, E).getEncoded();
    byte[] longer = Arrays.copyOf(der, der.length + 1);
    assertRefused(
        new SubjectPublicKeyInfo(
            new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE), longer),
        Reason.KEY_UNSUPPORTED,
        "encoding");
    assertThatCode(() -> KeyGate.admit(rsa(SOUND, E))).doesNotThrowAnyException();
  }
}
