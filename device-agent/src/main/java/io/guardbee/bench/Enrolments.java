package io.guardbee.bench;

import io.guardbee.agent.enrol.EstClient;
import io.guardbee.agent.trust.ClientIdentity;
import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.bench.measure.Workers;
import io.guardbee.bench.measure.Workers.Rate;
import io.guardbee.pki.DeviceId;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Enrols candidates over EST, each client on one kept connection. */
final class Enrolments {

  /** A device that can now connect. */
  record Member(DeviceId id, ClientIdentity identity) {}

  private final List<EstClient> clients;
  private final Queue<Candidate> waiting;
  private final AtomicInteger left;
  private final Queue<Member> enrolled = new ConcurrentLinkedQueue<>();
  private final List<X509Certificate> authorities;

  Enrolments(URI server, ServerTrust trust, List<Candidate> candidates, int connections) {
    this.clients =
        IntStream.range(0, connections)
            .mapToObj(number -> new EstClient(server, trust.service()))
            .toList();
    this.waiting = new ConcurrentLinkedQueue<>(candidates);
    this.left = new AtomicInteger(candidates.size());
    this.authorities = clients.get(0).authorities();
  }

  /**
   * Enrols for that long, or until only so many candidates are left.
   *
   * @param spared how many are kept for what comes later
   */
  Rate run(long seconds, int spared) throws InterruptedException {
    return Workers.run(
        clients.stream()
            .map(client -> (Workers.Work) () -> left.get() > spared && enrolNext(client))
            .toList(),
        seconds);
  }

  private boolean enrolNext(EstClient client) {
    Candidate next = waiting.poll();
    if (next == null) {
      return false;
    }
    left.decrementAndGet(); // a concurrent queue counts itself by walking
    X509Certificate leaf = client.enroll(next.id(), next.token(), next.request());
    List<X509Certificate> chain =
        authorities.stream()
            .filter(ca -> ca.getSubjectX500Principal().equals(leaf.getIssuerX500Principal()))
            .toList();
    enrolled.add(
        new Member(
            next.id(), new ClientIdentity(next.keys().getPrivate(), List.of(leaf, chain.get(0)))));
    return true;
  }

  /** So many devices, taken from those enrolled or enrolled now; each is handed out once. */
  List<Member> take(int count) {
    while (enrolled.size() < count && enrolNext(clients.get(0))) {
      // until there are enough
    }
    return IntStream.range(0, count).mapToObj(number -> enrolled.remove()).toList();
  }
}
