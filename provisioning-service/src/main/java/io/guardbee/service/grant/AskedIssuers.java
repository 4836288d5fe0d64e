package io.guardbee.service.grant;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The authorities that TLS has to name for the certificates of devices and of standing grants to be
 * shown: many clients keep back a certificate whose issuer the server did not name. Nobody is
 * believed for being named. Thread-safe.
 */
public final class AskedIssuers implements Supplier<List<X509Certificate>> {

  private final List<X509Certificate> own;
  private final StandingGrants grants;
  private final Map<X500Principal, X509Certificate> names = new ConcurrentHashMap<>();

  /**
   * @param own the authorities of those who enrolled here
   */
  public AskedIssuers(List<X509Certificate> own, StandingGrants grants) {
    this.own = List.copyOf(own);
    this.grants = grants;
  }

  @Override
  public List<X509Certificate> get() {
    List<X509Certificate> asked = new ArrayList<>(own);
    for (StandingGrant grant : grants.remembered()) {
      if (grant.course().withdrawn() == null) {
        if (grant.holder() instanceof Holder.Claim claim) {
          asked.add(bearing(claim.certificate().getIssuerX500Principal()));
        } else {
          asked.addAll(grant.holder().certificates());
        }
      }
    }
    return asked;
  }

  /**
   * A certificate that only bears a name: JSSE takes the names from certificates, and the issuer of
   * a claim certificate may be unknown here.
   */
  private X509Certificate bearing(X500Principal name) {
    return names.computeIfAbsent(
        name,
        subject -> {
          try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair thrownAway = generator.generateKeyPair();
            return new JcaX509CertificateConverter()
                .getCertificate(
                    new JcaX509v3CertificateBuilder(
                            subject,
                            BigInteger.ONE,
                            Date.from(Instant.EPOCH),
                            Date.from(Instant.EPOCH),
                            subject,
                            thrownAway.getPublic())
                        .build(
                            new JcaContentSignerBuilder("SHA256withECDSA")
                                .build(thrownAway.getPrivate())));
          } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("every Java platform has P-256", e);
          }
        });
  }
}
