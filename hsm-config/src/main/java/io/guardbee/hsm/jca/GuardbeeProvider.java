package io.guardbee.hsm.jca;

import io.guardbee.hsm.key.Hash;
import io.guardbee.hsm.key.SignatureKind;
import io.guardbee.hsm.key.TokenPrivateKey;
import java.security.Provider;
import java.security.SecureRandomParameters;
import java.security.Security;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The JCA provider through which keys in tokens sign. JCA chooses a provider when it sees the key:
 * this one declares that it takes our keys and no others, so that callers use plain {@code
 * Signature.getInstance("SHA256withECDSA")}.
 *
 * <p>Beside {@code Signature} it has a {@code KeyStore} and a {@code KeyPairGenerator}, both named
 * {@code PKCS11}, and a {@code SecureRandom} of that name; these are asked for with the provider,
 * and told which token.
 */
public final class GuardbeeProvider extends Provider {

  private static final long serialVersionUID = 1L;
  private static final String NAME = "Guardbee";
  private static final String TYPE = "PKCS11";

  public GuardbeeProvider() {
    super(NAME, "1", "signs with keys that stay in PKCS#11 modules");
    signature("NONEwithECDSA", new SignatureKind.Ecdsa(null), "1.2.840.10045.2.1.0");
    signature("SHA256withECDSA", new SignatureKind.Ecdsa(Hash.SHA256), "1.2.840.10045.4.3.2");
    signature("SHA384withECDSA", new SignatureKind.Ecdsa(Hash.SHA384), "1.2.840.10045.4.3.3");
    signature("SHA512withECDSA", new SignatureKind.Ecdsa(Hash.SHA512), "1.2.840.10045.4.3.4");
    signature("NONEwithRSA", new SignatureKind.Pkcs1(null));
    signature("SHA256withRSA", new SignatureKind.Pkcs1(Hash.SHA256), "1.2.840.113549.1.1.11");
    signature("SHA384withRSA", new SignatureKind.Pkcs1(Hash.SHA384), "1.2.840.113549.1.1.12");
    signature("SHA512withRSA", new SignatureKind.Pkcs1(Hash.SHA512), "1.2.840.113549.1.1.13");
    for (Hash hash : Hash.values()) {
      signature(hash + "withRSAandMGF1", new SignatureKind.Pss(hash, hash.octets()));
    }
    add("Signature", "RSASSA-PSS", TokenSignature.class, any -> TokenSignature.ofPss());
    signature("Ed25519", new SignatureKind.Eddsa(), "1.3.101.112");
    signature("EdDSA", new SignatureKind.Eddsa());
    add("KeyStore", TYPE, TokenKeyStore.class, any -> new TokenKeyStore());
    add("KeyPairGenerator", TYPE, TokenKeyPairs.class, any -> new TokenKeyPairs());
    add(
        "SecureRandom",
        TYPE,
        TokenRandom.class,
        parameters -> new TokenRandom((SecureRandomParameters) parameters));
  }

  /**
   * Registers the provider, last, unless that has happened. One of another class loader, as an
   * extension that was loaded before leaves it, does not know our keys: ours takes its place.
   */
  public static synchronized void install() {
    Provider there = Security.getProvider(NAME);
    if (there instanceof GuardbeeProvider) {
      return;
    }
    if (there != null) {
      Security.removeProvider(NAME);
    }
    Security.addProvider(new GuardbeeProvider());
  }

  private void signature(String algorithm, SignatureKind kind, String... oids) {
    putService(
        new TokenService(
            this,
            List.of("Signature", algorithm, TokenSignature.class.getName()),
            aliases(oids),
            Map.of("SupportedKeyClasses", TokenPrivateKey.class.getName()),
            any -> TokenSignature.of(kind)));
  }

  private static List<String> aliases(String... oids) {
    return List.of(oids).stream().flatMap(oid -> List.of(oid, "OID." + oid).stream()).toList();
  }

  private void add(
      String type,
      String algorithm,
      Class<?> implementation,
      Function<@Nullable Object, Object> make) {
    Map<String, String> attributes =
        type.equals("Signature")
            ? Map.of("SupportedKeyClasses", TokenPrivateKey.class.getName())
            : Map.of();
    putService(
        new TokenService(
            this, List.of(type, algorithm, implementation.getName()), List.of(), attributes, make));
  }

  private static final class TokenService extends Provider.Service {

    private final Function<@Nullable Object, Object> make;

    TokenService(
        Provider provider,
        List<String> typeAlgorithmClass,
        List<String> aliases,
        Map<String, String> attributes,
        Function<@Nullable Object, Object> make) {
      super(
          provider,
          typeAlgorithmClass.get(0),
          typeAlgorithmClass.get(1),
          typeAlgorithmClass.get(2),
          aliases,
          attributes);
      this.make = make;
    }

    @Override
    public Object newInstance(@Nullable Object parameter) {
      return make.apply(parameter);
    }
  }
}
