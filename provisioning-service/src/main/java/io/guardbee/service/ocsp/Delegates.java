package io.guardbee.service.ocsp;

import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.profile.InstallationProfiles;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A delegate for each authority (RFC 6960 §4.2.2.2). Its key is made in memory and never leaves it:
 * answers with a nonce cost the module nothing, and who steals the key from this process can lie
 * about certificates for a day, but make none. Each process has its own. Thread-safe.
 */
final class Delegates {

  private static final Logger LOG = LoggerFactory.getLogger(Delegates.class);

  private static final Duration TRY_AGAIN = Duration.ofSeconds(10);

  private final Issuance issuance;
  private final InstallationProfiles profiles;
  private final Clock clock;
  private final Map<String, Delegate> byAuthority = new ConcurrentHashMap<>();
  private final Map<String, Instant> failed = new ConcurrentHashMap<>();
  private final ReentrantLock renewing = new ReentrantLock();

  Delegates(Issuance issuance, InstallationProfiles profiles, Clock clock) {
    this.issuance = issuance;
    this.profiles = profiles;
    this.clock = clock;
  }

  /**
   * The one in force. Its successor is made in time, by one caller alone while the others go on.
   *
   * @throws RefusedException when there is none, and the module or the database make none
   */
  Delegate of(Authority authority) {
    Delegate now = byAuthority.get(authority.name());
    if (now != null && !now.isDue(clock.instant())) {
      return now;
    }
    if (now != null && clock.instant().isBefore(now.until())) {
      return renewing.tryLock() ? renewed(authority, now) : now;
    }
    renewing.lock();
    return renewed(authority, null);
  }

  /** With the lock held, which it gives back. */
  private Delegate renewed(Authority authority, @Nullable Delegate before) {
    try {
      Delegate there = byAuthority.get(authority.name());
      if (there != null && !there.isDue(clock.instant())) {
        return there; // another caller was first
      }
      if (before != null && failedLately(authority)) {
        return before;
      }
      Delegate made = make(authority);
      byAuthority.put(authority.name(), made);
      return made;
    } catch (RefusedException e) {
      failed.put(authority.name(), clock.instant());
      if (before == null) {
        throw e;
      }
      LOG.warn("the OCSP responder of {} is not renewed: {}", authority.name(), e.line());
      return before;
    } finally {
      renewing.unlock();
    }
  }

  private boolean failedLately(Authority authority) {
    Instant when = failed.get(authority.name());
    return when != null && clock.instant().isBefore(when.plus(TRY_AGAIN));
  }

  private Delegate make(Authority authority) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair key = generator.generateKeyPair();
      X509Certificate certificate =
          issuance.forResponder(key, profiles.responder(authority.role()), authority);
      return new Delegate(new JcaX509CertificateHolder(certificate), key.getPrivate());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }
}
