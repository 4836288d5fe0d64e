package io.guardbee.hsm.cli;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A key as it is shown; JSON has the same names.
 *
 * @param confined whether the module says that it is sensitive and not extractable
 * @param fingerprint of the public key's SubjectPublicKeyInfo
 * @param evidence what the module says of its life; nothing proves it to others
 */
record KeyView(
    String label,
    String id,
    String type,
    boolean confined,
    List<Use> dependents,
    String fingerprint,
    KeyClaim evidence,
    List<Stored> certificates) {

  /** A certificate in the home that depends on the key. */
  record Use(String role, String subject, String file) {}

  /** A certificate in the token that has the key's label. */
  record Stored(String subject, String until, String fingerprint) {}

  static KeyView of(Token token, TokenKey key, Dependents dependents) {
    return new KeyView(
        key.label(),
        key.id(),
        key.type().toString(),
        token.isConfined(key),
        dependents.of(key).stream()
            .map(one -> new Use(one.role().toString(), one.subject(), one.file().toString()))
            .toList(),
        Fingerprint.of(key.publicKey().getEncoded()).toString(),
        token.evidence(key),
        token.certificates().find(key.label()).stream().map(KeyView::stored).toList());
  }

  private static Stored stored(X509Certificate certificate) {
    return new Stored(
        certificate.getSubjectX500Principal().getName(),
        certificate.getNotAfter().toInstant().toString(),
        Fingerprint.of(certificate).toString());
  }

  /**
   * The key of that label.
   *
   * @throws RefusedException {@link Reason#KEY_MISSING} when there is none
   */
  static TokenKey require(Token token, String label) {
    return token
        .find(label)
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.KEY_MISSING,
                    "token "
                        + Quoted.of(token.label())
                        + " holds no key "
                        + Quoted.of(label)
                        + " that Guardbee can use",
                    "see: guardbee hsm keys list"));
  }
}
