package io.guardbee.broker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.guardbee.pki.FeedStatement;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Serial;
import io.guardbee.pki.Subject;
import io.guardbee.pki.ceremony.SignedRecord;
import io.guardbee.testing.TestCa;
import io.guardbee.testing.TestRecords;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** A status feed over real HTTPS with client certificates, as the contract describes it. */
final class FeedServer implements AutoCloseable {

  private static final Pattern ACK =
      Pattern.compile(
          "\"event\":(\\d+),\"sessionsEnded\":(\\d+),\"sessionsPending\":(\\d+),\"retainedCleared\":(\\d+)");

  private static final int NO_CONTENT = 204;

  private final HttpsServer server;
  private final TestCa operations;
  private final X509Certificate root;
  private volatile Duration listenerLife = Duration.ofDays(7);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final String feed = UUID.randomUUID().toString();
  private final TestRecords records;
  private final Set<X509Certificate> recorded = new HashSet<>();
  private volatile TestCa signer;
  private volatile String follows = "";
  private final Object change = new Object();
  private String policyInForce = ""; // a line of each head
  private final List<String> events = new ArrayList<>();
  private final List<String> certificates = new ArrayList<>();
  private final Map<Long, Integer> acknowledged = new ConcurrentHashMap<>();
  private final Map<Long, Integer> pending = new ConcurrentHashMap<>();
  private final Map<Long, Integer> cleared = new ConcurrentHashMap<>();
  private final AtomicLong acknowledgedUpTo = new AtomicLong();
  private final AtomicInteger acknowledgements = new AtomicInteger();
  private final Queue<Answer> otherAnswers = new ConcurrentLinkedQueue<>();
  private final List<String> requests = new ArrayList<>();
  private final List<Certificate> callers = new CopyOnWriteArrayList<>();
  private final List<String> reports = new CopyOnWriteArrayList<>();
  private final List<String> answers = new CopyOnWriteArrayList<>();
  private List<X509Certificate> trustedRoots;
  private List<X509Certificate> trustedIssuing;
  private volatile int reportStatus = NO_CONTENT;
  private volatile boolean closed;

  FeedServer(Pki pki) throws IOException {
    this(pki, 0);
  }

  FeedServer(Pki pki, int port) throws IOException {
    this(pki, port, pki.operations().service());
  }

  /**
   * @param own what it presents
   */
  FeedServer(Pki pki, int port, TestCa own) throws IOException {
    operations = pki.operations();
    signer = operations;
    root = pki.root().certificate();
    records = pki.records();
    recorded.add(pki.issuing().certificate());
    trustedRoots = List.of(pki.root().certificate());
    trustedIssuing = List.of(pki.issuing().certificate());
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    SSLContext context = pki.context(own, pki.root());
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters ssl = context.getDefaultSSLParameters();
            ssl.setNeedClientAuth(true);
            parameters.setSSLParameters(ssl);
          }
        });
    server.setExecutor(threads);
    server.createContext("/v1/feed/ack", this::acknowledge);
    server.createContext("/v1/feed", this::stream);
    server.createContext("/v1/broker/report", exchange -> take(exchange, reports));
    server.createContext("/v1/broker/policy", exchange -> take(exchange, answers));
    server.createContext(
        "/v1/broker/certificate", exchange -> certify(exchange, KeyPurposeId.id_kp_serverAuth));
    server.createContext(
        "/v1/broker/renewal", exchange -> certify(exchange, KeyPurposeId.id_kp_clientAuth));
    server.start();
  }

  /** Goes on from another feed, as a restored service does. */
  FeedServer following(FeedServer other) {
    policyInForce = other.policyInForce;
    follows = other.feed + (other.follows.isEmpty() ? "" : "," + other.follows);
    return this;
  }

  /** Goes on from that feed. */
  FeedServer following(String other) {
    follows = other;
    return this;
  }

  /** The line that tells whom to believe, with its line feed. */
  String trustLine() {
    synchronized (change) {
      return trust(0) + "\n";
    }
  }

  /** Has all that comes from now on signed with that key. */
  FeedServer signingWith(TestCa other) {
    signer = other;
    return this;
  }

  String feed() {
    return feed;
  }

  String url() {
    return "https://localhost:" + server.getAddress().getPort();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Revokes certificates of one device; the number of the event. */
  long revoke(String deviceId, TestCa... revoked) {
    return block("revoked", "keyCompromise", deviceId, revoked);
  }

  /** Ends certificates whose successor is in use; the number of the event. */
  long supersede(String deviceId, TestCa... superseded) {
    return block("superseded", "superseded", deviceId, superseded);
  }

  /** Holds certificates of one device back; the number of the event. */
  long suspend(String deviceId, TestCa... suspended) {
    return block("suspended", "certificateHold", deviceId, suspended);
  }

  /** Ends that; the number of the event. */
  long reinstate(String deviceId, TestCa... reinstated) {
    synchronized (change) {
      for (TestCa one : reinstated) {
        String serial = Serial.of(one.certificate()).toString();
        certificates.removeIf(line -> line.contains("\"" + serial + "\""));
      }
      return tell("active", "removeFromCRL", deviceId, lines("active", deviceId, reinstated));
    }
  }

  /** Tells a version of the policy; the number of the event. */
  long policy(long version, String mode, String text) {
    String quoted = text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    String fields =
        "\"type\":\"policy\",\"version\":%d,\"mode\":\"%s\",\"text\":\"%s\""
            .formatted(version, mode, quoted);
    synchronized (change) {
      if (mode.equals("enforce")) {
        policyInForce = "{\"event\":0," + fields + "}\n";
      }
      return append(fields);
    }
  }

  private long append(String fields) {
    synchronized (change) {
      long event = events.size() + 1L;
      events.add("{\"event\":" + event + "," + fields + "}");
      change.notifyAll();
      return event;
    }
  }

  private long block(String status, String reason, String deviceId, TestCa... blocked) {
    synchronized (change) {
      List<String> list = lines(status, deviceId, blocked);
      certificates.addAll(list);
      return tell(status, reason, deviceId, list);
    }
  }

  /** Revokes a certificate that is only known by its number; the number of the event. */
  long revoke(String deviceId, Serial serial) {
    Instant until = Instant.now().plus(Duration.ofDays(90));
    String certificate = certificate("revoked", deviceId, serial, until);
    synchronized (change) {
      certificates.add(certificate);
      return tell("revoked", "keyCompromise", deviceId, List.of(certificate));
    }
  }

  private static String told(String status, String deviceId, TestCa one) {
    X509Certificate certificate = one.certificate();
    Instant until = certificate.getNotAfter().toInstant();
    String line = certificate(status, deviceId, Serial.of(certificate), until);
    String subject = Subject.of(certificate.getSubjectX500Principal()).toString();
    return line.replace("}", ",\"subject\":\"" + subject + "\"}");
  }

  private static String certificate(String status, String deviceId, Serial serial, Instant until) {
    return "{\"issuer\":\"issuing\",\"serial\":\"%s\",\"deviceId\":\"%s\",\"status\":\"%s\",\"until\":\"%s\"}"
        .formatted(serial, deviceId, status, until);
  }

  private static List<String> lines(String status, String deviceId, TestCa... all) {
    List<String> list = new ArrayList<>();
    for (TestCa one : all) {
      list.add(told(status, deviceId, one));
    }
    return list;
  }

  private long tell(String status, String reason, String deviceId, List<String> list) {
    long event = events.size() + 1L;
    events.add(
        "{\"type\":\"status\",\"event\":%d,\"deviceId\":\"%s\",\"status\":\"%s\",\"reason\":\"%s\",\"certificates\":[%s]}"
            .formatted(event, deviceId, status, reason, String.join(",", list)));
    change.notifyAll();
    return event;
  }

  /** Waits for the acknowledgement; how many sessions were ended. */
  int awaitAcknowledged(long event) {
    org.awaitility.Awaitility.await()
        .pollDelay(java.time.Duration.ZERO)
        .pollInterval(java.time.Duration.ofMillis(1))
        .until(() -> acknowledgedUpTo.get() >= event);
    return acknowledged.getOrDefault(event, 0);
  }

  /** How many retained messages the broker has said to have cleared for that event. */
  int cleared(long event) {
    return cleared.getOrDefault(event, 0);
  }

  /** By event, how many sessions the broker last said to be deleting still. */
  Map<Long, Integer> pending() {
    return pending;
  }

  /** How many requests told of acknowledgements. */
  int acknowledgements() {
    return acknowledgements.get();
  }

  /** A line that stands for the signature of all lines before it. */
  static String head(String ofFeed, long event) {
    return "@HEAD " + ofFeed + " " + event + "\n";
  }

  private String headed(String body, String query) {
    Matcher head = Pattern.compile("(?m)^@HEAD ([^ ]*) ([0-9]*)\n").matcher(body);
    if (!head.find()) {
      return body;
    }
    String lines = body.substring(0, head.start());
    return lines
        + seal(query, head.group(1), Long.parseLong(head.group(2)), lines)
        + "\n"
        + body.substring(head.end());
  }

  /** What a service says to prove that it holds the module, at the end of a stream's head. */
  private String seal(String query, String ofFeed, long event, String lines) {
    FeedStatement.Head head =
        new FeedStatement.Head(
            parameter(query, "node"),
            parameter(query, "nonce"),
            ofFeed,
            event,
            follows.isEmpty() ? List.of() : List.of(follows.split(",", -1)),
            sum(lines));
    return signed(head.text());
  }

  private static String parameter(String query, String name) {
    return query.replaceAll("(^|.*&)" + name + "=([^&]*).*", "$2");
  }

  private static String sum(String text) {
    return Fingerprint.of(text.getBytes(StandardCharsets.UTF_8)).toString().replace("sha256:", "");
  }

  private String signed(String text) {
    FeedStatement statement = TestRecords.sign(signer, text);
    return "{\"type\":\"signed\",\"statement\":\"%s\",\"signature\":\"%s\",\"signer\":\"%s\"}"
        .formatted(text, statement.signature(), statement.signer());
  }

  /** An event as a stream has it, its signature before it. */
  private String told(long event) {
    String line = events.get((int) event - 1);
    return signed(new FeedStatement.Event(feed, event, sum(line)).text()) + "\n" + line;
  }

  /** The next requests for the stream are answered so, one after the other. */
  void answerNext(int status, String... bodies) {
    for (String body : bodies) {
      otherAnswers.add(new Answer(status, body));
    }
  }

  /** An answer that is not the stream, and ends. */
  private record Answer(int status, String body) {
    void to(HttpExchange exchange) throws IOException {
      byte[] octets = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, 0);
      exchange.getResponseBody().write(octets);
      exchange.close();
    }
  }

  /** The queries that nodes opened their streams with. */
  List<String> requests() {
    synchronized (change) {
      return List.copyOf(requests);
    }
  }

  private void stream(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getQuery();
    Answer other = otherAnswers.poll();
    if (other != null) {
      synchronized (change) {
        requests.add(query);
      }
      new Answer(other.status(), headed(other.body(), query)).to(exchange);
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", "application/x-ndjson");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      long sent;
      synchronized (change) {
        requests.add(query);
        boolean known = query.contains("feed=" + feed);
        sent = known ? Long.parseLong(query.replaceAll(".*after=", "")) : events.size();
        String lines = trust(0) + "\n" + policyInForce + (known ? "" : snapshot() + "\n");
        send(out, lines + seal(query, feed, events.size(), lines));
      }
      while (!closed) {
        synchronized (change) {
          if (sent == events.size()) {
            TimeUnit.MILLISECONDS.timedWait(change, 1000);
          }
          boolean idle = sent == events.size();
          while (sent < events.size()) {
            send(out, told(++sent));
          }
          if (idle) {
            send(out, heartbeat(sent));
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tells other authorities from now on; the number of the event. */
  long tellTrust(List<X509Certificate> roots, List<X509Certificate> issuing) {
    synchronized (change) {
      trustedRoots = List.copyOf(roots);
      trustedIssuing = List.copyOf(issuing);
      record(issuing);
      long event = events.size() + 1L;
      events.add(trust(event));
      change.notifyAll();
      return event;
    }
  }

  private String trust(long event) {
    return "{\"type\":\"trust\",\"event\":%d,\"roots\":[%s],\"issuing\":[%s],\"records\":[%s],\"crl\":\"%s\"}"
        .formatted(
            event,
            pems(trustedRoots),
            pems(trustedIssuing),
            records.all().stream().map(FeedServer::json).collect(Collectors.joining(",")),
            records.crl().replace("\n", "\\n"));
  }

  private static String json(SignedRecord record) {
    return "{\"content\":\"%s\",\"signature\":\"%s\"}"
        .formatted(
            record.content().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"),
            record.signature());
  }

  /** Those that the root has signed get a record, as in a ceremony. */
  private void record(List<X509Certificate> issuing) {
    for (X509Certificate one : issuing) {
      boolean byRoot = one.getIssuerX500Principal().equals(root.getSubjectX500Principal());
      if (byRoot && !one.equals(operations.certificate()) && recorded.add(one)) {
        records.certify("issuing", List.of(one));
      }
    }
  }

  private static String pems(List<X509Certificate> certificates) {
    return certificates.stream()
        .map(one -> '"' + Pem.certificate(one).replace("\n", "\\n") + '"')
        .collect(java.util.stream.Collectors.joining(","));
  }

  private void take(HttpExchange exchange, List<String> where) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (reportStatus == NO_CONTENT) {
      where.add(body);
    }
    exchange.sendResponseHeaders(reportStatus, -1);
    exchange.close();
  }

  /** How reports and answers are taken from now on; 204 is good. */
  void answerReportsWith(int status) {
    reportStatus = status;
  }

  /** What nodes reported, as they sent it. */
  List<String> reports() {
    return reports;
  }

  /** What nodes answered to policies, as they sent it. */
  List<String> answers() {
    return answers;
  }

  private String heartbeat(long event) {
    return "{\"type\":\"heartbeat\",\"event\":" + event + "}";
  }

  private String snapshot() {
    return "{\"type\":\"snapshot\",\"feed\":\"%s\",\"event\":%d,\"last\":true,\"certificates\":[%s]}"
        .formatted(feed, events.size(), String.join(",", certificates));
  }

  private static void send(OutputStream out, String line) throws IOException {
    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private void acknowledge(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    acknowledgements.incrementAndGet();
    long upTo = 0;
    Matcher matcher = ACK.matcher(body); // of that event, and of others before it
    while (matcher.find()) {
      long event = Long.parseLong(matcher.group(1));
      acknowledged.merge(event, Integer.parseInt(matcher.group(2)), Math::max);
      pending.put(event, Integer.parseInt(matcher.group(3)));
      cleared.merge(event, Integer.parseInt(matcher.group(4)), Integer::sum);
      upTo = Math.max(upTo, event);
    }
    acknowledgedUpTo.accumulateAndGet(upTo, Math::max);
    exchange.sendResponseHeaders(204, -1);
    exchange.close();
  }

  /** How long the listener certificates live that are issued from now on. */
  void issueFor(Duration life) {
    listenerLife = life;
  }

  /** The certificates of those that asked for one, in turn. */
  List<Certificate> callers() {
    return callers;
  }

  /** In the name of the caller, for the key in the request. */
  private void certify(HttpExchange exchange, KeyPurposeId purpose) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII);
    callers.add(((HttpsExchange) exchange).getSSLSession().getPeerCertificates()[0]);
    try {
      var request = new JcaPKCS10CertificationRequest(Pem.der("CERTIFICATE REQUEST", body));
      PublicKey key = request.getPublicKey();
      boolean proven = request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key));
      String caller = ((HttpsExchange) exchange).getSSLSession().getPeerPrincipal().getName();
      X509Certificate leaf =
          TestCa.draft(caller)
              .purpose(purpose)
              .localhost()
              .valid(Instant.now(), Instant.now().plus(listenerLife))
              .certifiedBy(operations, key);
      byte[] chain =
          Pem.certificates(List.of(leaf, operations.certificate()))
              .getBytes(StandardCharsets.US_ASCII);
      exchange.sendResponseHeaders(proven ? 200 : 400, chain.length);
      exchange.getResponseBody().write(chain);
    } catch (GeneralSecurityException | OperatorCreationException | PKCSException e) {
      throw new IOException(e);
    } finally {
      exchange.close();
    }
  }

  @Override
  public void close() {
    stop();
  }

  /** Stops for good; twice does no harm. */
  void stop() {
    closed = true;
    synchronized (change) {
      change.notifyAll();
    }
    server.stop(0);
    threads.shutdownNow();
  }
}
