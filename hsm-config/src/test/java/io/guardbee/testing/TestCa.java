package io.guardbee.testing;

import io.guardbee.pki.AuthorityName;
import io.guardbee.pki.Identity;
import io.guardbee.pki.ServerRole;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A certificate and its private key, in memory, for tests: {@code
 * TestCa.root().authority("issuing").device("d-1")}.
 */
public record TestCa(X509Certificate certificate, PrivateKey key, List<X509Certificate> chain) {

  private static final SecureRandom RANDOM = new SecureRandom();

  public TestCa {
    chain = List.copyOf(chain);
  }

  public static TestCa root() {
    return root("Test Root");
  }

  public static TestCa root(String commonName) {
    return new Draft("CN=" + commonName).authority().signedBy(null);
  }

  /** An authority below this one. */
  public TestCa authority(String commonName) {
    return new Draft("CN=" + commonName).authority().signedBy(this);
  }

  /** An operations authority below this root, by the name that clients know it by. */
  public TestCa operations() {
    return authority(AuthorityName.commonName(Identity.OPERATIONS));
  }

  /** The provisioning service's certificate for localhost, below an operations authority. */
  public TestCa service() {
    return listener("CN=" + ServerRole.SERVICE_NAME + ",OU=server");
  }

  /** A certificate for localhost, good as server only. */
  public TestCa listener(String subject) {
    return new Draft(subject).purpose(KeyPurposeId.id_kp_serverAuth).localhost().signedBy(this);
  }

  /** A device's certificate as Guardbee issues it: CN is the id, OU the profile sensor. */
  public TestCa device(String id) {
    return client("CN=" + id + ",OU=sensor,O=Acme");
  }

  /** A certificate for client authentication with that subject (RFC 4514). */
  public TestCa client(String subject) {
    return new Draft(subject).purpose(KeyPurposeId.id_kp_clientAuth).signedBy(this);
  }

  /** A certificate for localhost, good as server and as client. */
  public TestCa server(String subject) {
    return new Draft(subject)
        .purpose(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)
        .localhost()
        .signedBy(this);
  }

  /** The same for a key that is elsewhere, in a token. */
  public X509Certificate client(String subject, PublicKey key) {
    return new Draft(subject).purpose(KeyPurposeId.id_kp_clientAuth).certifiedBy(this, key);
  }

  /** The same for a key that is elsewhere, in a token. */
  public X509Certificate server(String subject, PublicKey key) {
    return new Draft(subject)
        .purpose(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)
        .localhost()
        .certifiedBy(this, key);
  }

  /** A certificate to shape freely before this authority signs it. */
  public static Draft draft(String subject) {
    return new Draft(subject);
  }

  /** The same for a name that text cannot say. */
  public static Draft draft(X500Principal subject) {
    return new Draft(subject);
  }

  /** Key and chain as a PKCS#12 key store with one entry, alias {@code key}. */
  public KeyStore keyStore(char[] password) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("key", key, password, chain.toArray(new X509Certificate[0]));
      return store;
    } catch (GeneralSecurityException | java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An unsigned certificate; each method returns the draft itself. */
  public static final class Draft {
    private final X500Principal subject;
    private Instant from = Instant.now().minus(Duration.ofMinutes(5));
    private Instant until = from.plus(Duration.ofDays(30));
    private KeyPurposeId[] purposes = {};
    private boolean authority;
    private boolean localhost;
    private @Nullable String criticalExtension;
    private BigInteger serial = new BigInteger(127, RANDOM).setBit(120);
    private String signature = "SHA256withECDSA";
    private int rsaBits;
    private int pathLength = -1;
    private @Nullable NameConstraints nameConstraints;

    private Draft(String subject) {
      this(new X500Principal(subject));
    }

    private Draft(X500Principal subject) {
      this.subject = subject;
    }

    public Draft valid(Instant from, Instant until) {
      this.from = from;
      this.until = until;
      return this;
    }

    public Draft purpose(KeyPurposeId... purposes) {
      this.purposes = purposes.clone();
      return this;
    }

    public Draft localhost() {
      localhost = true;
      return this;
    }

    /** A critical extension that nobody knows. */
    public Draft criticalExtension(String oid) {
      criticalExtension = oid;
      return this;
    }

    public Draft authority() {
      authority = true;
      return this;
    }

    /** Whatever number, also one that RFC 5280 forbids. */
    public Draft serial(BigInteger number) {
      serial = number;
      return this;
    }

    /** The algorithm that the issuer signs with, such as SHA1withECDSA. */
    public Draft signature(String algorithm) {
      signature = algorithm;
      return this;
    }

    /** An RSA key in the place of P-256. */
    public Draft rsa(int bits) {
      rsaBits = bits;
      return this;
    }

    /** An authority with this many authorities below it, at most. */
    public Draft pathLength(int length) {
      pathLength = length;
      return authority();
    }

    /** An authority for names in these subtrees only. */
    public Draft permitted(GeneralName... names) {
      nameConstraints =
          new NameConstraints(
              Stream.of(names).map(GeneralSubtree::new).toArray(GeneralSubtree[]::new), null);
      return authority();
    }

    /** Signs; self-signed when there is no issuer. */
    public TestCa signedBy(@Nullable TestCa issuer) {
      try {
        KeyPair pair = keyPair();
        X509Certificate certificate =
            issuer == null
                ? build(pair.getPublic(), subject, pair.getPrivate())
                : certifiedBy(issuer, pair.getPublic());
        List<X509Certificate> chain =
            issuer == null || issuer.isRoot()
                ? List.of(certificate)
                : Stream.concat(Stream.of(certificate), issuer.chain().stream()).toList();
        return new TestCa(certificate, pair.getPrivate(), chain);
      } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
        throw new IllegalStateException(e);
      }
    }

    private KeyPair keyPair() throws GeneralSecurityException {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(rsaBits > 0 ? "RSA" : "EC");
      if (rsaBits > 0) {
        generator.initialize(rsaBits);
      } else {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      }
      return generator.generateKeyPair();
    }

    /** Signs a certificate for that key. */
    public X509Certificate certifiedBy(TestCa issuer, PublicKey key) {
      try {
        return build(key, issuer.certificate().getSubjectX500Principal(), issuer.key());
      } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
        throw new IllegalStateException(e);
      }
    }

    private X509Certificate build(PublicKey key, X500Principal issuer, PrivateKey signer)
        throws GeneralSecurityException, OperatorCreationException, CertIOException {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer, serial, Date.from(from), Date.from(until), subject, key);
      builder.addExtension(
          Extension.basicConstraints,
          true,
          pathLength < 0 ? new BasicConstraints(authority) : new BasicConstraints(pathLength));
      if (nameConstraints != null) {
        builder.addExtension(Extension.nameConstraints, true, nameConstraints);
      }
      builder.addExtension(
          Extension.keyUsage,
          true,
          new KeyUsage(
              authority ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature));
      if (purposes.length > 0) {
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
      }
      if (localhost) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(
                new GeneralName[] {
                  new GeneralName(GeneralName.dNSName, "localhost"),
                  new GeneralName(GeneralName.iPAddress, "127.0.0.1")
                }));
      }
      if (criticalExtension != null) {
        builder.addExtension(new ASN1ObjectIdentifier(criticalExtension), true, DERNull.INSTANCE);
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder(algorithm(signer)).build(signer)));
    }

    private String algorithm(PrivateKey signer) {
      return signer.getAlgorithm().equals("RSA") ? signature.replace("ECDSA", "RSA") : signature;
    }
  }

  private boolean isRoot() {
    return certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
  }
}
