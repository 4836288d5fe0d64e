package io.guardbee.broker.certificate;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.service.Backoff;
import io.guardbee.broker.service.NodeIdentity;
import io.guardbee.broker.service.ServiceClient;
import io.guardbee.pki.Credential;
import io.guardbee.pki.OneKey;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Serial;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what MQTT listeners present: a short-lived certificate from the service, renewed at half of
 * its life. As long as there is none, the supply says what to present meanwhile. A replacement
 * touches no connection. All work is done on a thread of its own.
 */
public final class ListenerCertificate implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ListenerCertificate.class);
  private static final String ROUTE = "/v1/broker/certificate";
  private static final Duration SOONEST = Duration.ofSeconds(1);
  private static final Duration LONGEST_SLEEP = Duration.ofMinutes(1); // clocks are set

  private final RandomGenerator random = RandomGenerator.getDefault();
  private final Backoff backoff =
      new Backoff(Duration.ofMillis(500), Duration.ofMinutes(5), random);
  private final CountDownLatch firstTry = new CountDownLatch(1);
  private final ExecutorService threads;
  private final ServiceClient service;
  private final KeySupply supply;
  private final Clock clock;
  private @Nullable OneKey listeners;
  private Instant renewal = Instant.MIN;

  private ListenerCertificate(
      ServiceClient service, KeySupply supply, Clock clock, ExecutorService threads) {
    this.service = service;
    this.supply = supply;
    this.clock = clock;
    this.threads = threads;
  }

  /**
   * Where keys are.
   *
   * @param identity who this node is towards the service
   * @param module gives the key pair that a PKCS#11 URI names
   * @param data the extension's folder for what it writes
   */
  public record Keys(NodeIdentity identity, Function<String, KeyPair> module, Path data) {}

  /**
   * Opens the token when the configuration names one; connects to nothing yet.
   *
   * @param threads makes the threads, with the class loader they need
   * @throws io.guardbee.pki.RefusedException when a file or the token does not do
   */
  public static ListenerCertificate of(
      BrokerConfig config, Keys keys, Clock clock, ThreadFactory threads) {
    ExecutorService executor = Executors.newCachedThreadPool(threads);
    try {
      ServiceClient service = ServiceClient.of(config, keys.identity(), executor);
      KeySupply supply =
          config.tlsKey().isEmpty()
              ? new KeyOnDisk(keys.data().resolve("listener.key"))
              : new KeyInModule(
                  keys.module().apply(config.tlsKey()), keys.data().resolve("listener.pem"));
      return new ListenerCertificate(service, supply, clock, executor);
    } catch (RuntimeException e) {
      executor.shutdownNow();
      throw e;
    }
  }

  /**
   * Presents what there is and begins to get something better.
   *
   * @param present called once, as soon as there is anything to present
   */
  public void start(Consumer<X509ExtendedKeyManager> present) {
    Optional<Credential> first = supply.meanwhile(clock.instant());
    first.ifPresent(credential -> put(credential, present));
    if (first.isEmpty()) {
      LOG.warn(
          "MQTT listeners have nothing to present until {} certifies {}",
          service.address(),
          supply.place());
    } else if (!isForThisNode(first.get().leaf())) {
      renewal = Instant.MIN; // names or authority have changed since
    }
    threads.execute(() -> keep(present));
  }

  /** Waits until the first try to get a certificate has succeeded or failed. */
  public void awaitFirstTry(Duration longest) {
    try {
      if (!firstTry.await(longest.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} gives no listener certificate yet", service.address());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it says of this node what the identity says. */
  private boolean isForThisNode(X509Certificate leaf) {
    X509Certificate identity = service.identity().leaf();
    return leaf.getSubjectX500Principal().equals(identity.getSubjectX500Principal())
        && leaf.getIssuerX500Principal().equals(identity.getIssuerX500Principal())
        && names(leaf).equals(names(identity));
  }

  private static Set<String> names(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? Set.of()
          : names.stream().map(String::valueOf).collect(Collectors.toSet());
    } catch (CertificateParsingException e) {
      return Set.of();
    }
  }

  private void keep(Consumer<X509ExtendedKeyManager> present) {
    int failures = 0;
    try {
      while (!threads.isShutdown()) {
        if (clock.instant().isBefore(renewal)) {
          firstTry.countDown();
          sleepUntilRenewal();
          continue;
        }
        try {
          put(obtain(), present);
          failures = 0;
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
          failures++;
          LOG.warn(
              "no listener certificate from {}: {}; trying again",
              service.address(),
              Quoted.line(e.toString()));
          service.next();
          if (failures >= service.addresses()) {
            firstTry.countDown();
          }
          backoff.rest(failures);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the extension stops
    }
  }

  private void sleepUntilRenewal() throws InterruptedException {
    long millis = Duration.between(clock.instant(), renewal).toMillis();
    Thread.sleep(Math.max(1, Math.min(millis, LONGEST_SLEEP.toMillis())));
  }

  private Credential obtain() throws IOException, GeneralSecurityException, InterruptedException {
    KeyPair pair = supply.next();
    List<X509Certificate> chain = service.certify(ROUTE, pair);
    chain.get(0).checkValidity(java.util.Date.from(clock.instant()));
    Credential issued = new Credential(pair.getPrivate(), chain);
    supply.certified(issued);
    return issued;
  }

  private void put(Credential credential, Consumer<X509ExtendedKeyManager> present) {
    X509Certificate leaf = credential.leaf();
    Instant from = leaf.getNotBefore().toInstant();
    Instant end = leaf.getNotAfter().toInstant();
    Duration life = Duration.between(from, end);
    // a tenth of jitter: nodes that started together do not all come back together
    long jitter = random.nextLong(1 + life.toMillis() / 10);
    Instant half = from.plus(life.dividedBy(2)).minusMillis(jitter);
    Instant soonest = clock.instant().plus(SOONEST); // whatever the service issues
    renewal = half.isBefore(soonest) ? soonest : half;
    if (listeners == null) {
      listeners = new OneKey(credential.key(), credential.chain());
      present.accept(listeners);
    } else {
      listeners.replace(credential.key(), credential.chain());
    }
    LOG.info(
        "MQTT listeners present certificate {} ({}) from now to {}",
        Serial.of(leaf),
        supply.place(),
        end);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(1, TimeUnit.SECONDS)) {
        LOG.warn("the renewal of the listener certificate does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
