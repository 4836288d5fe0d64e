package io.guardbee.service.http;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import io.guardbee.pki.TrustedIssuers;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/**
 * Which device a caller says it is, for the record and for counting; proven by nobody, decides
 * nothing. Thread-safe.
 */
final class Claimed {

  private static final String BASIC = "basic ";

  private final TrustedIssuers trusted;

  Claimed(TrustedIssuers trusted) {
    this.trusted = trusted;
  }

  /** By the user of HTTP Basic, else by a device certificate: what is cheap to know. */
  Optional<String> caller(Context context) {
    Optional<String> user = basicUser(context);
    return user.isPresent()
        ? user
        : Callers.shown(context).filter(this::isDevices).flatMap(Claimed::commonName);
  }

  /** The same, else by the request for a certificate in the body, else by any certificate. */
  Optional<String> caller(Context context, Supplier<byte[]> body) {
    return caller(context)
        .or(() -> requested(body.get()))
        .or(() -> Callers.shown(context).flatMap(Claimed::commonName));
  }

  private static Optional<String> basicUser(Context context) {
    String header = context.header("Authorization");
    if (header == null || !header.toLowerCase(Locale.ROOT).startsWith(BASIC)) {
      return Optional.empty();
    }
    try {
      byte[] octets = Base64.getDecoder().decode(header.substring(BASIC.length()).strip());
      String text = new String(octets, StandardCharsets.UTF_8);
      int colon = text.lastIndexOf(':'); // a device id may hold colons, a token never does
      return colon > 0 ? Optional.of(text.substring(0, colon)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private boolean isDevices(X509Certificate certificate) {
    return trusted.byRole().getOrDefault(Identity.ISSUING, List.of()).stream()
        .anyMatch(
            authority ->
                authority.getSubjectX500Principal().equals(certificate.getIssuerX500Principal()));
  }

  private static Optional<String> commonName(X509Certificate certificate) {
    return commonName(certificate.getSubjectX500Principal());
  }

  private static Optional<String> commonName(X500Principal name) {
    try {
      return Subject.of(name).values("CN").stream().findFirst();
    } catch (RefusedException e) {
      return Optional.empty();
    }
  }

  /** Only what is a device id: everything else in a request is as its author likes. */
  private static Optional<String> requested(byte[] body) {
    try {
      String text = new String(body, StandardCharsets.ISO_8859_1).replaceAll("-----[^-]*-----", "");
      byte[] der = Base64.getMimeDecoder().decode(text);
      byte[] name = new PKCS10CertificationRequest(der).getSubject().getEncoded("DER");
      return commonName(new X500Principal(name)).map(id -> new DeviceId(id).value());
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // no request, or nobody's: the refusal says what is wrong
    }
  }
}
