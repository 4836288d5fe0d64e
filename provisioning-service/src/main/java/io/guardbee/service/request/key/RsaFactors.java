package io.guardbee.service.request.key;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.math.BigInteger;
import java.util.BitSet;
import java.util.stream.IntStream;

/** Moduli that anyone can factor with little work. */
final class RsaFactors {

  private static final int LARGEST_SMALL_PRIME = 8192;
  private static final int ROUNDS =
      100; // of Fermat's method; finds primes that share their upper half

  private static final int[] PRIMES = primes();
  private static final BigInteger PRIMORIAL =
      IntStream.of(PRIMES)
          .mapToObj(BigInteger::valueOf)
          .reduce(BigInteger.ONE, BigInteger::multiply);

  /** Squares end in these six bits; most other numbers are told apart by them. */
  private static final long SQUARES_MODULO_64 =
      IntStream.range(0, 64).mapToLong(i -> 1L << (i * i % 64)).reduce(0, (a, b) -> a | b);

  /** 3·3·5·7·11·13·17: of the numbers that pass the first sieve, few pass this one. */
  private static final int MODULUS = 765_765;

  private static final BigInteger BIG_MODULUS = BigInteger.valueOf(MODULUS);
  private static final BitSet SQUARES = squares();

  private RsaFactors() {}

  static void checkSmall(KeyGate.Rsa key) {
    BigInteger modulus = key.modulus();
    if (PRIMORIAL.mod(modulus).gcd(modulus).equals(BigInteger.ONE)) {
      return;
    }
    int factor =
        IntStream.of(PRIMES)
            .filter(prime -> modulus.mod(BigInteger.valueOf(prime)).signum() == 0)
            .findFirst()
            .orElseThrow();
    throw factored("the RSA modulus is divisible by " + factor);
  }

  /** Fermat's method: n = a² - b² with a little above the root of n. A square falls out at once. */
  static void checkClose(KeyGate.Rsa key) {
    BigInteger modulus = key.modulus();
    BigInteger[] root = modulus.sqrtAndRemainder();
    if (root[1].signum() == 0) {
      throw factored("the RSA modulus is a square");
    }
    BigInteger a = root[0].add(BigInteger.ONE);
    BigInteger square = a.multiply(a).subtract(modulus);
    for (int round = 0; round < ROUNDS; round++) {
      if (isSquare(square)) {
        throw factored("the two primes of the RSA modulus lie close together");
      }
      square = square.add(a.shiftLeft(1)).add(BigInteger.ONE); // (a + 1)² - n
      a = a.add(BigInteger.ONE);
    }
  }

  private static boolean isSquare(BigInteger number) {
    return ((SQUARES_MODULO_64 >>> (number.intValue() & 63)) & 1) == 1
        && SQUARES.get(number.mod(BIG_MODULUS).intValue())
        && number.sqrtAndRemainder()[1].signum() == 0;
  }

  private static BitSet squares() {
    BitSet squares = new BitSet(MODULUS);
    for (long i = 0; i < MODULUS; i++) {
      squares.set((int) (i * i % MODULUS));
    }
    return squares;
  }

  private static int[] primes() {
    return IntStream.rangeClosed(2, LARGEST_SMALL_PRIME)
        .filter(n -> IntStream.rangeClosed(2, (int) Math.sqrt(n)).noneMatch(d -> n % d == 0))
        .toArray();
  }

  private static RefusedException factored(String detail) {
    return new RefusedException(
        Reason.KEY_FACTORED,
        detail + ", which gives the private key away",
        "make a new key with a sound random source; tell the maker of the one that made this");
  }
}
