package io.guardbee.hsm;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JCA provider through which keys in tokens sign. JCA chooses a provider when it sees the key:
 * this one declares that it takes our keys and no others, so that callers use plain {@code
 * Signature.getInstance("SHA256withECDSA")}.
 */
final class GuardbeeProvider extends Provider {

  private static final long serialVersionUID = 1L;
  private static final String NAME = "Guardbee";

  private GuardbeeProvider() {
    super(NAME, "1", "signs with keys that stay in PKCS#11 modules");
    add("NONEwithECDSA", null, "1.2.840.10045.2.1.0");
    add("SHA256withECDSA", "SHA-256", "1.2.840.10045.4.3.2");
    add("SHA384withECDSA", "SHA-384", "1.2.840.10045.4.3.3");
  }

  /** Registers the provider, last, unless that has happened. */
  static void install() {
    Security.addProvider(new GuardbeeProvider());
  }

  private void add(String algorithm, @Nullable String digest, String oid) {
    putService(new EcdsaService(this, algorithm, digest, List.of(oid, "OID." + oid)));
  }

  private static final class EcdsaService extends Provider.Service {

    private final @Nullable String digest;

    EcdsaService(
        Provider provider, String algorithm, @Nullable String digest, List<String> aliases) {
      super(
          provider,
          "Signature",
          algorithm,
          EcdsaSignature.class.getName(),
          aliases,
          Map.of("SupportedKeyClasses", TokenPrivateKey.class.getName()));
      this.digest = digest;
    }

    @Override
    public Object newInstance(@Nullable Object parameter) throws NoSuchAlgorithmException {
      return new EcdsaSignature(digest == null ? null : MessageDigest.getInstance(digest));
    }
  }
}
