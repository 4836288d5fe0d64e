package io.guardbee.bench;

import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.bench.FuzzCases.Case;
import io.guardbee.bench.FuzzCases.Kind;
import io.guardbee.bench.FuzzConnection.Answer;
import io.guardbee.launch.Endpoints;
import io.guardbee.launch.RunningUp;
import io.guardbee.pki.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sends damaged requests to one running Guardbee and looks for what must never come back: a 500, a
 * stack trace, a certificate for something that was not asked for.
 */
final class FuzzBench {

  private static final Pattern TRACE =
      Pattern.compile(
          "Exception|\\tat |java\\.|org\\.(eclipse|bouncycastle)|io\\.(javalin|guardbee)");
  private static final int MOST_FINDINGS = 20;
  private static final int ENOUGH_TOKENS = 2000;

  private final Endpoints endpoints;
  private final ServerTrust trust;
  private final Candidates candidates;
  private final Map<Integer, AtomicInteger> answers = new ConcurrentHashMap<>();
  private final Queue<String> findings = new ConcurrentLinkedQueue<>();

  FuzzBench(RunningUp up) throws IOException {
    this.endpoints = up.endpoints();
    this.trust = Fleet.trust(endpoints);
    this.candidates = new Candidates(up.guardbee());
  }

  /**
   * What came back.
   *
   * @param answers how many of each status; 0 is a connection closed, or an answer not due yet
   * @param findings what must not be, each with the request in hexadecimal
   */
  record Outcome(
      int inputs, double seconds, Map<Integer, Integer> answers, List<String> findings) {}

  Outcome run(int inputs, long seed, int clients) throws Exception {
    candidates.stock(ENOUGH_TOKENS);
    long start = System.nanoTime();
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int client = 0; client < clients; client++) {
        int share = inputs / clients + (client < inputs % clients ? 1 : 0);
        long own = seed + client;
        running.add(threads.submit(() -> send(share, own)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a client of the benchmark failed", e.getCause());
    } finally {
      threads.shutdownNow();
    }
    proveAlive();
    Map<Integer, Integer> seen = new TreeMap<>();
    answers.forEach((status, count) -> seen.put(status, count.get()));
    return new Outcome(inputs, (System.nanoTime() - start) / 1e9, seen, List.copyOf(findings));
  }

  private @Nullable Void send(int count, long seed) throws IOException {
    FuzzCases cases =
        new FuzzCases(seed, endpoints.https().getHost() + ":" + endpoints.https().getPort());
    try (FuzzConnection device = new FuzzConnection(endpoints.https(), trust.service());
        FuzzConnection operator =
            new FuzzConnection(endpoints.https(), new Operator(endpoints, trust).tls())) {
      Candidate candidate = take();
      for (int i = 0; i < count && findings.size() < MOST_FINDINGS; i++) {
        Case next =
            cases.next(candidate.id().value(), candidate.token(), candidate.request().der());
        Answer answer = (next.kind() == Kind.JSON ? operator : device).send(next.octets());
        answers.computeIfAbsent(answer.status(), status -> new AtomicInteger()).incrementAndGet();
        judge(next, answer, candidate);
      }
    }
    return null;
  }

  private Candidate take() {
    Candidate next = candidates.next();
    if (next == null) {
      throw new IllegalStateException("no tokens are left");
    }
    return next;
  }

  private void judge(Case sent, Answer answer, Candidate candidate) throws IOException {
    boolean hasFailed = sent.kind() == Kind.JSON ? answer.status() >= 500 : answer.status() == 500;
    if (hasFailed || TRACE.matcher(answer.body()).find()) {
      finding("a " + answer.status() + " that says " + answer.body(), sent);
    }
    boolean holdsCertificate = answer.status() == 200 && answer.body().startsWith("MII");
    if (holdsCertificate && !isRight(answer, candidate)) {
      finding("a certificate that was not asked for", sent);
    }
  }

  /** The authorities, or the one certificate that this device is entitled to. */
  private static boolean isRight(Answer answer, Candidate candidate) throws IOException {
    X509Certificate certificate =
        EstConnection.certificate(answer.body().getBytes(StandardCharsets.US_ASCII));
    if (certificate.getBasicConstraints() >= 0) {
      return true; // cacerts
    }
    return certificate.getPublicKey().equals(candidate.keys().getPublic())
        && certificate
            .getSubjectX500Principal()
            .getName()
            .startsWith("CN=" + candidate.id() + ",OU=sensor");
  }

  private void finding(String what, Case sent) {
    findings.add(
        sent.kind() + ": " + what.strip() + " for " + HexFormat.of().formatHex(sent.octets()));
  }

  /** After all that a device still enrols. */
  private void proveAlive() throws IOException {
    try (EstConnection connection = new EstConnection(endpoints.https(), trust.service())) {
      Candidate last = take();
      Pem.certificate(EstConnection.certificate(connection.enroll(last)));
    }
  }
}
