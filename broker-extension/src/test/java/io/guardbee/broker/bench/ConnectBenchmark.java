package io.guardbee.broker.bench;

import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.pki.Identity;
import io.guardbee.pki.NativeCrypto;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The decision at a CONNECT and its parts, each time for the next of many devices. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ConnectBenchmark {

  private final StatusIndex index = new StatusIndex();
  private final Instant now = Instant.now();
  private final Decision decision;
  private final X509Certificate[] certificates;
  private final Identity[] identities;
  private int next;

  public ConnectBenchmark() {
    NativeCrypto.install();
    decision = Decision.read(Path.of(System.getProperty(Micro.FOLDER)));
    certificates = decision.devices().toArray(new X509Certificate[0]);
    identities = new Identity[certificates.length];
    for (int i = 0; i < certificates.length; i++) {
      identities[i] = decision.identify(certificates[i], now);
    }
  }

  private int turn() {
    next = next + 1 == certificates.length ? 0 : next + 1;
    return next;
  }

  @Benchmark
  public Rights whole() {
    return decision.decide(certificates[turn()], index, now);
  }

  @Benchmark
  public Identity trust() {
    return decision.identify(certificates[turn()], now);
  }

  @Benchmark
  public boolean status() {
    int device = turn();
    return decision.isBlocked(certificates[device], identities[device], index);
  }

  @Benchmark
  public Rights policy() {
    int device = turn();
    return decision.rights(certificates[device], identities[device]);
  }
}
