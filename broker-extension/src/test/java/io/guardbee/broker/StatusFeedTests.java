package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.status.BlockedCertificate;
import io.guardbee.broker.status.CertificateKey;
import io.guardbee.broker.status.Deletion;
import io.guardbee.broker.status.Evictor;
import io.guardbee.broker.status.Instructions;
import io.guardbee.broker.status.NewlyBlocked;
import io.guardbee.broker.status.Remains;
import io.guardbee.broker.status.StatusFeed;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.broker.trust.Trust;
import io.guardbee.pki.Serial;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node's way of following the service, whatever the service does; over HTTPS, without a broker.
 */
class StatusFeedTests {

  private static final String NOWHERE = "https://localhost:9";

  @TempDir Path home = Path.of("");
  private final Pki pki = Pki.make();
  private final List<String> evicted = new CopyOnWriteArrayList<>();
  private final AtomicInteger reconsidered = new AtomicInteger();
  private final List<StatusFeed> running = new CopyOnWriteArrayList<>();
  private final FeedServer server;

  StatusFeedTests() throws IOException {
    server = new FeedServer(pki);
  }

  @BeforeEach
  void prepare() throws IOException {
    pki.writeHome(home);
    Files.createDirectories(home.resolve("conf"));
    Files.copy(
        Path.of("src/main/extension/conf/guardbee.yaml"), home.resolve("conf/guardbee.yaml"));
  }

  @AfterEach
  void stop() {
    running.forEach(StatusFeed::close);
    server.close();
  }

  /** Ends what an evictor is asked to end, which is nothing here. */
  private final class Noting implements Evictor {
    @Override
    public Begun evict(Collection<BlockedCertificate> blocked) {
      blocked.forEach(one -> evicted.add(one.deviceId()));
      return new Begun(CompletableFuture.completedFuture(blocked.size()));
    }

    @Override
    public Begun reconsider(StatusIndex index, NewlyBlocked newly) {
      reconsidered.incrementAndGet();
      return new Begun(CompletableFuture.completedFuture(0));
    }

    @Override
    public Deletion delete(Remains remains) {
      return Deletion.nothing();
    }
  }

  private static final class Deaf implements Instructions {
    @Override
    public void trust(Instructions.Trust trust) {}

    @Override
    public void policy(PolicyOrder order) {}

    @Override
    public void noPolicy() {}

    @Override
    public long policyTold() {
      return 0;
    }
  }

  private StatusFeed follow(String... services) {
    Properties settings = new Properties();
    settings.setProperty("guardbee.service", String.join(",", services));
    settings.setProperty("guardbee.identity.certificate", home + "/broker/conf/broker.pem");
    settings.setProperty("guardbee.identity.key", home + "/broker/conf/broker.key");
    settings.setProperty("guardbee.trust.service", home + "/ca/root.pem");
    settings.setProperty("guardbee.trust.issuing", home + "/ca/issuing.pem");
    BrokerConfig config = BrokerConfig.read(home, settings);
    StatusFeed feed =
        new StatusFeed(
            config,
            Pki.identityInFiles(config),
            home.resolve("data"),
            Clock.systemUTC(),
            Thread::new);
    running.add(feed);
    feed.start(
        new Noting(),
        new Deaf(),
        Trust.open(config, home.resolve("data"), Clock.systemUTC())::requireSigner);
    return feed;
  }

  /** Follows, and has the first whole status. */
  private StatusFeed followWhole() {
    StatusFeed feed = follow(server.url());
    Awaitility.await().until(() -> feed.index().isKnown());
    return feed;
  }

  private static Serial serial(int number) {
    return new Serial(BigInteger.valueOf(1_000_000L + number));
  }

  private static boolean blocks(StatusFeed feed, int number) {
    return feed.index().block(new CertificateKey("issuing", serial(number))).isPresent();
  }

  private static void awaitBlocked(StatusFeed feed, int number) {
    Awaitility.await().until(() -> blocks(feed, number));
  }

  @Test
  void burstIsInForceAcknowledgedInFewRequestsAndThereAfterARestart() {
    int burst = 10_000;
    StatusFeed feed = followWhole();
    server.revoke("d-first", serial(-1));
    long last = 0;
    for (int i = 0; i < burst; i++) {
      last = server.revoke("d-" + i, serial(i));
    }
    server.awaitAcknowledged(last);
    assertThat(server.awaitAcknowledged(last / 2)).as("each event's own number").isEqualTo(1);
    assertThat(server.acknowledgements()).isLessThan(burst / 2); // how few depends on the machine
    assertThat(evicted).hasSize(burst + 1).endsWith("d-" + (burst - 1));
    assertThat(feed.acknowledged()).isGreaterThan(0);
    feed.close();
    StatusFeed again = follow(NOWHERE);
    assertThat(again.index().size()).isEqualTo(burst + 1);
    assertThat(again.index().event()).isEqualTo(last);
    assertThat(blocks(again, burst - 1)).isTrue();
  }

  @Test
  void serviceThatAnswersWithErrorsIsAskedAgain() {
    server.revoke("d-1", serial(1));
    server.answerNext(503, "");
    server.answerNext(403, "{\"reason\":\"role-missing\"}");
    StatusFeed feed = follow(server.url());
    awaitBlocked(feed, 1);
    assertThat(server.requests()).hasSize(3).allMatch(query -> query.contains("feed=&after=0"));
  }

  @Test
  void streamThatBreaksOffAmidALineIsGoneOnWith() {
    server.revoke("d-1", serial(1));
    String feedId = "f-1";
    server.answerNext(
        200,
        server.trustLine()
            + "{\"type\":\"snapshot\",\"feed\":\"%s\",\"event\":3,\"last\":true,\"certificates\":[]}\n%s{\"type\":\"stat"
                .formatted(feedId, FeedServer.head(feedId, 3)));
    server.following(feedId);
    StatusFeed feed = follow(server.url());
    awaitBlocked(feed, 1);
    assertThat(server.requests()).hasSize(2);
    assertThat(server.requests().get(1)).endsWith("feed=f-1&after=3");
    assertThat(reconsidered).as("each whole status holds the connected against it").hasValue(2);
  }

  @Test
  void partOfAWholeStatusIsNeverInForce() {
    server.answerNext(
        200,
        "{\"type\":\"snapshot\",\"feed\":\"f\",\"event\":3,\"last\":false,\"certificates\":[]}\n");
    StatusFeed feed = follow(server.url());
    Awaitility.await().until(() -> server.requests().size() == 2);
    server.awaitAcknowledged(server.revoke("d-2", serial(2)));
    assertThat(blocks(feed, 2)).isTrue();
    assertThat(server.requests()).allMatch(query -> query.contains("feed=&after=0"));
  }

  @Test
  void garbageAmidTheStreamMakesTheWholeBeAskedFor() {
    server.revoke("d-1", serial(1));
    String whole =
        server.trustLine()
            + "{\"type\":\"snapshot\",\"feed\":\"f\",\"event\":3,\"last\":true,\"certificates\":[]}\n"
            + FeedServer.head("f", 3);
    server.following("f");
    server.answerNext(
        200,
        whole + "<html>\n",
        whole + "{\"type\":\"status\",\"event\":5,\"certificates\":[]}\n",
        whole + "{\"type\":\"heartbeat\",\"event\":4}\n",
        whole + "{\"type\":\"heartbeat\",\"event\":\"\u0000\n");
    StatusFeed feed = follow(server.url());
    awaitBlocked(feed, 1);
    assertThat(server.requests()).hasSize(5).allMatch(query -> query.contains("feed=&after=0"));
  }

  @Test
  void lineThatNeverEndsIsGivenUp() {
    server.revoke("d-1", serial(1));
    server.answerNext(200, "x".repeat(9 << 20));
    awaitBlocked(follow(server.url()), 1);
  }

  @Test
  void nextAddressIsTriedWhenOneFails() {
    server.revoke("d-1", serial(1));
    awaitBlocked(follow(NOWHERE, server.url()), 1);
  }

  @Test
  void eventsMissedWhileAwayAreAllThatIsAskedFor() {
    StatusFeed before = followWhole();
    server.awaitAcknowledged(server.revoke("d-1", serial(1)));
    before.close();
    long missed = server.revoke("d-2", serial(2));
    StatusFeed after = follow(server.url());
    server.awaitAcknowledged(missed);
    assertThat(blocks(after, 1)).isTrue();
    assertThat(blocks(after, 2)).isTrue();
    assertThat(server.requests().get(1)).endsWith("after=1");
    assertThat(evicted).containsExactly("d-1", "d-2");
  }
}
