package io.guardbee.service.audit;

import io.guardbee.pki.Pem;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.authority.Signer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The end of the log, signed by the operations authority in the module: who holds no module can
 * neither rewrite the log before it nor cut its tail. The signed text names its purpose, so that
 * the signature is good for nothing else. Immutable.
 *
 * @param head the signed text: purpose, number and hash of the last entry, time of the signature
 * @param signature of the text's octets, base64; DER for ECDSA
 * @param certificate of the authority that signed, DER in base64
 */
public record SignedHead(String head, String signature, String certificate) {

  private static final String PURPOSE = "guardbee-audit-head-v1";
  private static final Pattern TEXT =
      Pattern.compile(PURPOSE + " ([1-9][0-9]{0,17}) (sha256:[0-9a-f]{64}) ([0-9TZ:.-]{20,30})");
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  /**
   * Signs in the module.
   *
   * @throws RefusedException {@code MODULE_FAILED}
   */
  static SignedHead sign(long number, String hash, Instant time, Authority authority) {
    String text = PURPOSE + " " + number + " " + hash + " " + time;
    byte[] signature =
        new Signer(authority.role(), authority.certificate().getPublicKey(), authority.key())
            .sign(text.getBytes(StandardCharsets.US_ASCII));
    Base64.Encoder base64 = Base64.getEncoder();
    return new SignedHead(
        text,
        base64.encodeToString(signature),
        base64.encodeToString(der(authority.certificate())));
  }

  private static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("an authority's certificate encodes", e);
    }
  }

  /** As the last line of an export holds it; empty when the text is no head. */
  public static Optional<SignedHead> parse(String line) {
    try {
      SignedHead read = JSON.readValue(line, SignedHead.class);
      return TEXT.matcher(read.head).matches() ? Optional.of(read) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** One line of JSON. */
  public String line() {
    return JSON.writeValueAsString(this);
  }

  /** The number of the last entry that it covers. */
  public long number() {
    return Long.parseLong(field(1));
  }

  /** Whether that log holds the entry. */
  public boolean isIn(Handle tx) {
    return tx.createQuery("select line from audit_entry where number = :number")
        .bind("number", number())
        .mapTo(String.class)
        .findOne()
        .filter(line -> Line.hash(line).equals(hash()))
        .isPresent();
  }

  String hash() {
    return field(2);
  }

  /** When it was signed, by the clock of the service. */
  public String time() {
    return field(3);
  }

  private String field(int group) {
    Matcher text = TEXT.matcher(head);
    if (!text.matches()) {
      throw new IllegalStateException("only parse and sign make heads");
    }
    return text.group(group);
  }

  /** Whether this authority signed it, and no predecessor. */
  boolean isBy(X509Certificate authority) {
    return certificate.equals(Base64.getEncoder().encodeToString(der(authority)));
  }

  /** Who signed it, as its certificate says. */
  public String signer() {
    return signerCertificate().map(c -> c.getSubjectX500Principal().getName()).orElse("nobody");
  }

  /**
   * What is wrong with the signature; empty when nothing is.
   *
   * @param trusted authorities: the signer must be one of them, or an authority that one of them
   *     certified
   */
  public Optional<String> fault(List<X509Certificate> trusted) {
    Optional<X509Certificate> signer = signerCertificate();
    if (signer.isEmpty()) {
      return Optional.of("it comes without a certificate");
    }
    if (trusted.stream().noneMatch(anchor -> vouches(anchor, signer.get()))) {
      return Optional.of("its signer " + signer() + " is not trusted here");
    }
    return isGood(signer.get())
        ? Optional.empty()
        : Optional.of("its signature is not that of " + signer());
  }

  private Optional<X509Certificate> signerCertificate() {
    try {
      return Optional.of(Pem.decode(Base64.getDecoder().decode(certificate)));
    } catch (RefusedException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Only authorities' keys stay in the module whatever happens: nobody else's signature counts. */
  private static boolean vouches(X509Certificate anchor, X509Certificate signer) {
    if (signer.getBasicConstraints() < 0) {
      return false;
    }
    try {
      if (!anchor.equals(signer)) {
        signer.verify(anchor.getPublicKey());
      }
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private boolean isGood(X509Certificate signer) {
    try {
      Instant signed = Instant.parse(time());
      return !signed.isBefore(signer.getNotBefore().toInstant())
          && !signed.isAfter(signer.getNotAfter().toInstant())
          && Signer.isGood(
              signer.getPublicKey(),
              head.getBytes(StandardCharsets.US_ASCII),
              Base64.getDecoder().decode(signature));
    } catch (DateTimeParseException | IllegalArgumentException e) {
      return false;
    }
  }
}
