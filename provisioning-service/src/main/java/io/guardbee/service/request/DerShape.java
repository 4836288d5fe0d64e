package io.guardbee.service.request;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.Arrays;

/**
 * Walks over an encoding before anything is built from it: DER only (X.690 §10), no deeper and no
 * larger than a request has reason to be. One walker counts the elements of one request. Belongs to
 * one thread.
 */
final class DerShape {

  static final int MOST_OCTETS = 32_768;
  static final int MOST_LEVELS = 16;
  static final int MOST_ELEMENTS = 1_000;

  private static final int CONSTRUCTED = 0x20;
  private static final int NUMBER = 0x1f;
  private static final int CLASS = 0xc0;
  private static final int BOOLEAN = 1;
  private static final int INTEGER = 2;
  private static final int BIT_STRING = 3;
  private static final int NULL = 5;
  private static final int SEQUENCE = 0x10;
  private static final int SET = 0x11;
  private static final int LONGEST_LENGTH = 3; // octets; more are beyond the size of any request

  private byte[] der = {};
  private int at;
  private int elements;

  /**
   * Checks one encoding, whole.
   *
   * @throws RefusedException {@link Reason#CSR_MALFORMED} or {@link Reason#CSR_TOO_COMPLEX}
   */
  void check(byte[] encoding) {
    if (encoding.length > MOST_OCTETS) {
      throw complex("has " + encoding.length + " octets");
    }
    der = encoding;
    at = 0;
    element(der.length, 1);
    if (at != der.length) {
      throw malformed((der.length - at) + " octets trail it");
    }
  }

  /** The first element inside the outermost one, header included, of an encoding found good. */
  static byte[] first(byte[] encoding) {
    DerShape shape = new DerShape();
    shape.der = encoding;
    shape.at = 1;
    shape.length(encoding.length);
    int from = shape.at;
    shape.element(encoding.length, 1);
    return Arrays.copyOfRange(encoding, from, shape.at);
  }

  private void element(int end, int level) {
    if (++elements > MOST_ELEMENTS) {
      throw complex("has more than " + MOST_ELEMENTS + " elements");
    }
    if (level > MOST_LEVELS) {
      throw complex("is nested more than " + MOST_LEVELS + " levels deep");
    }
    int tag = octet(end);
    if (tag == 0 || (tag & NUMBER) == NUMBER) {
      throw malformed("tag " + tag + " at octet " + (at - 1));
    }
    int length = length(end);
    if (length > end - at) {
      throw malformed("an element ends beyond what holds it, at octet " + at);
    }
    int last = at + length;
    boolean universal = (tag & CLASS) == 0;
    int number = tag & NUMBER;
    if ((tag & CONSTRUCTED) != 0) {
      if (universal && number != SEQUENCE && number != SET) {
        throw malformed("a string in pieces at octet " + at);
      }
      while (at < last) {
        element(last, level + 1);
      }
    } else if (universal) {
      primitive(number, at, length);
    }
    at = last;
  }

  private int octet(int end) {
    if (at >= end) {
      throw malformed("it is cut off at octet " + at);
    }
    return der[at++] & 0xff;
  }

  private int length(int end) {
    int first = octet(end);
    if (first < 0x80) {
      return first;
    }
    int octets = first & 0x7f;
    if (octets == 0 || octets > LONGEST_LENGTH) {
      throw malformed((octets == 0 ? "indefinite" : "endless") + " length at octet " + (at - 1));
    }
    int length = 0;
    for (int i = 0; i < octets; i++) {
      length = (length << 8) | octet(end);
    }
    if (length < 0x80 || length >>> (8 * (octets - 1)) == 0) {
      throw malformed("a length longer than need be at octet " + (at - octets));
    }
    return length;
  }

  private void primitive(int number, int from, int length) {
    boolean good =
        switch (number) {
          case BOOLEAN -> length == 1 && (der[from] == 0 || der[from] == (byte) 0xff);
          case INTEGER -> length > 0 && isShortest(from, length);
          case BIT_STRING -> length > 0 && isPadded(from, length);
          case NULL -> length == 0;
          case SEQUENCE, SET -> false;
          default -> true;
        };
    if (!good) {
      throw malformed("type " + number + " is badly encoded at octet " + from);
    }
  }

  private boolean isShortest(int from, int length) {
    return length == 1 || der[from] != (der[from + 1] < 0 ? (byte) 0xff : 0);
  }

  /** Unused bits are zero (X.690 §11.2.1). */
  private boolean isPadded(int from, int length) {
    int unused = der[from];
    if (unused < 0 || unused > 7 || (unused > 0 && length == 1)) {
      return false;
    }
    return unused == 0 || (der[from + length - 1] & ((1 << unused) - 1)) == 0;
  }

  private static RefusedException complex(String what) {
    return new RefusedException(
        Reason.CSR_TOO_COMPLEX,
        "the request " + what,
        "stay within "
            + MOST_OCTETS
            + " octets, "
            + MOST_ELEMENTS
            + " elements and "
            + MOST_LEVELS
            + " levels");
  }

  private static RefusedException malformed(String what) {
    return new RefusedException(
        Reason.CSR_MALFORMED,
        "the request is not a PKCS#10 in DER: " + what,
        "send DER in base64, as openssl req -new -outform DER | base64 writes it");
  }
}
