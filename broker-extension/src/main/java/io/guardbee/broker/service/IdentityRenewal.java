package io.guardbee.broker.service;

import io.guardbee.broker.service.NodeIdentity.NextKey;
import io.guardbee.pki.Credential;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Serial;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.security.auth.x500.X500Principal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews this node's own identity in the last third of its life: a new key, unless it is in a
 * token, and a certificate from the service take the place of the former ones. Every {@link
 * ServiceClient} takes them over at its next request. All work is done on a thread of its own.
 */
public final class IdentityRenewal implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(IdentityRenewal.class);
  private static final String ROUTE = "/v1/broker/renewal";
  private static final Duration LOOK = Duration.ofMinutes(1); // clocks are set, files replaced

  private final ServiceClient service;
  private final NodeIdentity identity;
  private final Clock clock;
  private final ExecutorService threads;
  private final Backoff backoff =
      new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(30), RandomGenerator.getDefault());

  /**
   * @param identity the one by which the client authenticates
   * @param threads has a thread to spare; is shut down with this
   */
  public IdentityRenewal(
      ServiceClient service, NodeIdentity identity, Clock clock, ExecutorService threads) {
    this.service = service;
    this.identity = identity;
    this.clock = clock;
    this.threads = threads;
  }

  /** Looks every minute from now on. */
  public void start() {
    threads.execute(this::keep);
  }

  private void keep() {
    int failures = 0;
    try {
      while (!threads.isShutdown()) {
        try {
          renewWhenDue();
          failures = 0;
          TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
          LOG.warn(
              "this node's identity {} ends at {} and is not renewed by {}: {}; trying again",
              Serial.of(service.identity().leaf()),
              service.identity().leaf().getNotAfter().toInstant(),
              service.address(),
              Quoted.line(e.toString()));
          service.next();
          backoff.rest(failures++);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the extension stops
    }
  }

  /**
   * Renews the identity when it is in the last third of its life.
   *
   * @return whether it was
   */
  public boolean renewWhenDue() throws IOException, GeneralSecurityException, InterruptedException {
    X509Certificate leaf = service.identity().leaf();
    Instant from = leaf.getNotBefore().toInstant();
    Instant until = leaf.getNotAfter().toInstant();
    Instant due = until.minus(Duration.between(from, until).dividedBy(3));
    if (clock.instant().isBefore(due)) {
      return false;
    }
    X509Certificate next = renew();
    LOG.info(
        "this node's identity is certificate {} until {} from now on",
        Serial.of(next),
        next.getNotAfter().toInstant());
    return true;
  }

  /**
   * Replaces key and certificate now.
   *
   * @return the new certificate
   * @throws IOException when the service is not reached, or refuses
   */
  public X509Certificate renew()
      throws IOException, GeneralSecurityException, InterruptedException {
    return renew(identity.nextKey());
  }

  /**
   * Moves the key into a token now, where it stays.
   *
   * @param uri RFC 7512; the key is made there when it is missing
   * @return the new certificate
   * @throws IOException when the service is not reached, or refuses
   */
  public X509Certificate renewIn(String uri)
      throws IOException, GeneralSecurityException, InterruptedException {
    return renew(identity.nextKey(uri));
  }

  private X509Certificate renew(NextKey key)
      throws IOException, GeneralSecurityException, InterruptedException {
    Credential renewed = obtain(key.pair());
    identity.write(key, renewed);
    return renewed.leaf();
  }

  private Credential obtain(KeyPair pair)
      throws IOException, GeneralSecurityException, InterruptedException {
    List<X509Certificate> chain = service.certify(ROUTE, pair);
    X500Principal own = service.identity().leaf().getSubjectX500Principal();
    if (!chain.get(0).getSubjectX500Principal().equals(own)) {
      throw new IOException("the certificate is for another name than this node's");
    }
    return new Credential(pair.getPrivate(), chain);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
