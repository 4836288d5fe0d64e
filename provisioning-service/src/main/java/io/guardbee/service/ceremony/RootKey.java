package io.guardbee.service.ceremony;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Signer;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;

/**
 * The root's key for as long as a ceremony lasts. This class is all that reaches it, and nobody
 * outside this package can name the class: that the root signs in ceremonies only is so by
 * construction.
 */
final class RootKey implements AutoCloseable {

  static final String ROLE = "root";
  private static final String LABEL = "root-ca";

  private final Token token;
  private final TokenKey key;
  private boolean open = true;

  private RootKey(Token token, TokenKey key) {
    this.token = token;
    this.key = key;
  }

  private interface Search {
    TokenKey in(Token token);
  }

  /** The key of a root that is to be: made, or what a ceremony that was cut off had made. */
  static RootKey make(Pkcs11Uri place, KeyType type) {
    String label = place.object().orElse(LABEL);
    return open(place, token -> AuthorityKeys.findOrMake(token, label, type));
  }

  /**
   * The key of a root that is.
   *
   * @throws RefusedException {@link Reason#KEY_MISSING} when that token does not hold it
   */
  static RootKey of(Pkcs11Uri place, X509Certificate root) {
    byte[] wanted = root.getPublicKey().getEncoded();
    return open(
        place,
        token ->
            token.list().stream()
                .filter(key -> Arrays.equals(key.publicKey().getEncoded(), wanted))
                .findFirst()
                .orElseThrow(
                    () ->
                        new RefusedException(
                            Reason.KEY_MISSING,
                            "token " + Quoted.of(token.label()) + " does not hold the root's key",
                            "bring the root's token and name it: --root pkcs11:token=…")));
  }

  private static RootKey open(Pkcs11Uri place, Search search) {
    Token token = Token.open(place);
    try {
      return new RootKey(token, search.in(token));
    } catch (RuntimeException e) {
      token.close();
      throw e;
    }
  }

  PublicKey publicKey() {
    return key.publicKey();
  }

  X509Certificate certify(X509v3CertificateBuilder toBeSigned) {
    return signer().certify(toBeSigned);
  }

  X509CRL revoke(X509v2CRLBuilder toBeSigned) {
    return signer().revoke(toBeSigned);
  }

  byte[] sign(byte[] octets) {
    return signer().sign(octets);
  }

  /** JCA's name of the algorithm. */
  String algorithm() {
    return signer().algorithm();
  }

  CeremonyRecord.KeyNote note() {
    return CeremonyRecord.KeyNote.of(ROLE, token, key);
  }

  private Signer signer() {
    if (!open) {
      throw new IllegalStateException("the ceremony is over");
    }
    return new Signer(ROLE, key.publicKey(), key.privateKey());
  }

  @Override
  public void close() {
    open = false;
    token.close();
  }
}
