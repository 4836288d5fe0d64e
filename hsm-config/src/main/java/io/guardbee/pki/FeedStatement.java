package io.guardbee.pki;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the operations authority signs for brokers: the head of a stream, or one event of the feed.
 * The signed text names its purpose first, so that no other signature of that key can be taken for
 * one of these. Immutable.
 *
 * @param text the signed text, ASCII
 * @param signature of the text's octets, base64; DER for ECDSA
 * @param signer certificate of the authority that signed, DER in base64
 */
public record FeedStatement(String text, String signature, String signer) {

  private static final String PURPOSE = "guardbee-feed-1";
  private static final String ID = "[A-Za-z0-9-]{1,64}";
  private static final String SUM = "[0-9a-f]{64}";
  private static final String NUMBER = "0|[1-9][0-9]{0,17}";
  private static final Pattern HEAD =
      Pattern.compile(
          PURPOSE
              + " head node=([!-~]{1,512}) nonce=([0-9a-f]{32,64}) feed=("
              + ID
              + ") event=("
              + NUMBER
              + ") follows=((?:"
              + ID
              + "(?:,"
              + ID
              + "){0,99})?) lines=("
              + SUM
              + ")");
  private static final Pattern EVENT =
      Pattern.compile(
          PURPOSE + " event feed=(" + ID + ") event=(" + NUMBER + ") line=(" + SUM + ")");

  /**
   * The head of a stream: what all its lines before the statement add up to.
   *
   * @param node whom it is for, percent-encoded
   * @param nonce that the node asked with: no head is good for another stream
   * @param event the last that is part of the lines
   * @param follows feeds that this one goes on from, the latest first
   * @param lines SHA-256 of all lines before, line feeds included, hexadecimal
   */
  public record Head(
      String node, String nonce, String feed, long event, List<String> follows, String lines) {
    public Head {
      follows = List.copyOf(follows);
    }

    /** The text to sign. */
    public String text() {
      return checked(
          HEAD,
          PURPOSE
              + " head node="
              + node
              + " nonce="
              + nonce
              + " feed="
              + feed
              + " event="
              + event
              + " follows="
              + String.join(",", follows)
              + " lines="
              + lines);
    }
  }

  /**
   * An event.
   *
   * @param line SHA-256 of its line without the line feed, hexadecimal
   */
  public record Event(String feed, long event, String line) {

    /** The text to sign. */
    public String text() {
      return checked(EVENT, PURPOSE + " event feed=" + feed + " event=" + event + " line=" + line);
    }
  }

  private static String checked(Pattern pattern, String text) {
    if (!pattern.matcher(text).matches()) {
      throw new IllegalArgumentException("not a statement of the feed: " + Quoted.of(text));
    }
    return text;
  }

  /** Puts a signature beside the text. */
  public static FeedStatement of(String text, byte[] signature, X509Certificate signer) {
    try {
      Base64.Encoder base64 = Base64.getEncoder();
      return new FeedStatement(
          text, base64.encodeToString(signature), base64.encodeToString(signer.getEncoded()));
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("an authority's certificate encodes", e);
    }
  }

  /** What it says; empty when it is no head. */
  public Optional<Head> head() {
    Matcher field = HEAD.matcher(text);
    return field.matches()
        ? Optional.of(
            new Head(
                field.group(1),
                field.group(2),
                field.group(3),
                Long.parseLong(field.group(4)),
                field.group(5).isEmpty() ? List.of() : List.of(field.group(5).split(",", -1)),
                field.group(6)))
        : Optional.empty();
  }

  /** What it says; empty when it is no event. */
  public Optional<Event> event() {
    Matcher field = EVENT.matcher(text);
    return field.matches()
        ? Optional.of(new Event(field.group(1), Long.parseLong(field.group(2)), field.group(3)))
        : Optional.empty();
  }

  /**
   * The signer, whose signature is good; whether it may speak for the feed is another matter.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED}
   */
  public X509Certificate verifiedSigner() {
    try {
      Base64.Decoder base64 = Base64.getDecoder();
      X509Certificate certificate = Pem.decode(base64.decode(signer));
      if (SigningAlgorithm.isGood(
          certificate.getPublicKey(),
          text.getBytes(StandardCharsets.US_ASCII),
          base64.decode(signature))) {
        return certificate;
      }
    } catch (IllegalArgumentException | RefusedException e) {
      // refused below
    }
    throw new RefusedException(
        Reason.CERTIFICATE_UNTRUSTED,
        "the signature of a statement of the feed is not good",
        "see whether service is the address of the genuine provisioning service");
  }
}
