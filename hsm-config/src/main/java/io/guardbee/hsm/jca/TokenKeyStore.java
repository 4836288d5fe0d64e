package io.guardbee.hsm.jca;

import io.guardbee.hsm.key.Certificates;
import io.guardbee.hsm.key.Keys;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.key.TokenPrivateKey;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.KeyStoreSpi;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The keys and certificates of a token; an alias is a label. Loaded from the text of a PKCS#11 URI
 * in place of a file, or from {@link OpenToken#store}. What is set is in the token at once. Keys
 * are not destroyed through it: too easy a way to lose an authority. A store loaded from a URI
 * keeps the token open until it is loaded again; {@code load(null, null)} closes it.
 */
final class TokenKeyStore extends KeyStoreSpi {

  private static final int LONGEST_URI = 4096;

  private @Nullable Keys keys;
  private boolean isOwn;

  private Keys keys() {
    return Objects.requireNonNull(
        keys, "load it first with the text of a PKCS#11 URI: pkcs11:token=…?pin-source=file:…");
  }

  private Certificates certificates() {
    return new Certificates(keys().slot());
  }

  @Override
  public void engineLoad(@Nullable InputStream uri, char @Nullable [] password) throws IOException {
    release();
    if (uri == null) {
      return;
    }
    String text = new String(uri.readNBytes(LONGEST_URI), StandardCharsets.UTF_8).strip();
    try {
      keys = OpenToken.keys(Pkcs11Uri.parse(text));
      isOwn = true;
    } catch (RefusedException e) {
      throw new IOException(e.line(), e);
    }
  }

  @Override
  public void engineLoad(KeyStore.@Nullable LoadStoreParameter parameter) throws IOException {
    if (!(parameter instanceof OpenToken.Store store)) {
      throw new IOException("load with OpenToken.store(…), or the text of a PKCS#11 URI");
    }
    release();
    keys = store.keys();
  }

  private void release() {
    if (keys != null && isOwn) {
      keys.slot().close();
    }
    keys = null;
    isOwn = false;
  }

  @Override
  public void engineStore(@Nullable OutputStream stream, char @Nullable [] password) {
    // everything is in the token already
  }

  @Override
  public @Nullable Key engineGetKey(String alias, char @Nullable [] password) {
    return keys().find(alias).map(TokenKey::privateKey).orElse(null);
  }

  @Override
  public Certificate @Nullable [] engineGetCertificateChain(String alias) {
    List<X509Certificate> chain = certificates().find(alias);
    return chain.isEmpty() ? null : chain.toArray(new Certificate[0]);
  }

  @Override
  public @Nullable Certificate engineGetCertificate(String alias) {
    return certificates().find(alias).stream().findFirst().orElse(null);
  }

  /** Null: tokens keep no dates. */
  @Override
  public @Nullable Date engineGetCreationDate(String alias) {
    return null;
  }

  @Override
  public void engineSetKeyEntry(
      String alias, Key key, char @Nullable [] password, Certificate @Nullable [] chain)
      throws KeyStoreException {
    Optional<TokenKey> there = keys().find(alias);
    if (!(key instanceof TokenPrivateKey)
        || chain == null
        || chain.length == 0
        || there.isEmpty()
        || !there.get().publicKey().equals(chain[0].getPublicKey())) {
      throw new KeyStoreException(
          "only the certificates of a key that is in the token under its alias can be set; keys are"
              + " made there, never brought in");
    }
    certificates().store(alias, there.get().id(), x509(chain));
  }

  private static List<X509Certificate> x509(Certificate... chain) throws KeyStoreException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Certificate certificate : chain) {
      if (!(certificate instanceof X509Certificate x509)) {
        throw new KeyStoreException("only X.509 certificates are stored");
      }
      certificates.add(x509);
    }
    return certificates;
  }

  @Override
  public void engineSetKeyEntry(String alias, byte[] key, Certificate @Nullable [] chain)
      throws KeyStoreException {
    throw new KeyStoreException("keys are made in the token, never brought in");
  }

  @Override
  public void engineSetCertificateEntry(String alias, Certificate certificate)
      throws KeyStoreException {
    if (engineIsKeyEntry(alias)) {
      throw new KeyStoreException("a key has the alias " + alias + ": set its chain with the key");
    }
    certificates().store(alias, "", x509(certificate));
  }

  @Override
  public void engineDeleteEntry(String alias) throws KeyStoreException {
    if (engineIsKeyEntry(alias)) {
      throw new KeyStoreException(
          "a key is not destroyed through a key store: use guardbee hsm keys destroy");
    }
    certificates().destroy(alias);
  }

  @Override
  public Enumeration<String> engineAliases() {
    return Collections.enumeration(aliases());
  }

  private Set<String> aliases() {
    Set<String> aliases = new TreeSet<>(certificates().labels());
    keys().list().forEach(key -> aliases.add(key.label()));
    return aliases;
  }

  @Override
  public boolean engineContainsAlias(String alias) {
    return engineIsKeyEntry(alias) || engineIsCertificateEntry(alias);
  }

  @Override
  public int engineSize() {
    return aliases().size();
  }

  @Override
  public boolean engineIsKeyEntry(String alias) {
    return keys().find(alias).isPresent();
  }

  @Override
  public boolean engineIsCertificateEntry(String alias) {
    return !engineIsKeyEntry(alias) && engineGetCertificate(alias) != null;
  }

  @Override
  public @Nullable String engineGetCertificateAlias(Certificate wanted) {
    return aliases().stream()
        .filter(alias -> wanted.equals(engineGetCertificate(alias)))
        .findFirst()
        .orElse(null);
  }
}
