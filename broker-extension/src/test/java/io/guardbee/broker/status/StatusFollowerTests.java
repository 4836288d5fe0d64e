package io.guardbee.broker.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.broker.service.Backoff;
import io.guardbee.pki.FeedStatement;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.testing.TestCa;
import io.guardbee.testing.TestRecords;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the feed's lines do, in which order. */
class StatusFollowerTests {

  private static final TestCa OPERATIONS = TestCa.root().authority("operations");

  private final StatusIndex index = new StatusIndex();
  private @Nullable StringBuilder head;
  private String nonce = "";
  private int streams;
  private final List<String> evicted = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private int headsWithoutPolicy;
  private final MutableClock clock = new MutableClock();

  private final Evictor evictor =
      new Evictor() {
        @Override
        public Begun evict(Collection<BlockedCertificate> blocked) {
          for (BlockedCertificate one : blocked) {
            // the order that the whole rests on: who asks now is refused already
            assertThat(index.block(one.key())).isPresent();
            evicted.add(one.deviceId());
          }
          return new Begun(CompletableFuture.completedFuture(blocked.size()));
        }

        @Override
        public Begun reconsider(StatusIndex whole, NewlyBlocked newly) {
          for (int i = 0; i < 10; i++) {
            if (newly.unwelcome().test("d-" + i)) {
              assertThat(whole.block(key(i))).isPresent();
              evicted.add("d-" + i);
            }
          }
          return new Begun(CompletableFuture.completedFuture(0));
        }

        @Override
        public Deletion delete(Remains remains) {
          return Deletion.nothing();
        }
      };

  private final Instructions instructions =
      new Instructions() {
        @Override
        public void trust(Trust trust) {
          told.add("trust");
        }

        @Override
        public void policy(PolicyOrder order) {
          told.add("policy " + order.version());
          if (order.version() == 13) {
            throw new IllegalStateException("a defect elsewhere");
          }
        }

        @Override
        public void noPolicy() {
          headsWithoutPolicy++;
        }

        @Override
        public long policyTold() {
          return 0;
        }
      };

  private final Path folder;
  private final StatusFollower follower;

  StatusFollowerTests(@TempDir Path folder) {
    this.folder = folder;
    Acknowledger acknowledger =
        new Acknowledger(
            (state, changes, event) -> {},
            done -> {},
            PendingDeletions.in(folder),
            new Backoff(Duration.ofMillis(1), Duration.ofMillis(2), new Random(1)),
            Duration.ofMinutes(1));
    follower =
        new StatusFollower(
            index,
            new StatusFollower.Ends(
                evictor, instructions, (signer, told) -> requireOperations(signer)),
            new FeedApproval(folder),
            acknowledger,
            clock);
  }

  /** Stands still until it is told to move. */
  private static final class MutableClock extends Clock {

    private Instant now = Instant.parse("2026-06-01T12:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private static String certificate(int serial, String device) {
    return "{\"issuer\":\"issuing\",\"serial\":\"%02X\",\"deviceId\":\"%s\",\"status\":\"revoked\",\"until\":\"2099-01-01T00:00:00Z\"}"
        .formatted(serial, device);
  }

  private static CertificateKey key(int serial) {
    return new CertificateKey("issuing", new Serial(BigInteger.valueOf(serial)));
  }

  private static void requireOperations(X509Certificate signer) {
    if (!signer.equals(OPERATIONS.certificate())) {
      throw new RefusedException(Reason.CERTIFICATE_UNTRUSTED, "another signer", "none");
    }
  }

  private void begin(boolean whole) {
    head = new StringBuilder();
    nonce = "%032x".formatted(++streams);
    follower.begin(new StreamHead.Ask("n", nonce, whole));
  }

  private void line(String text) {
    if (head != null) {
      head.append(text).append('\n');
    }
    follower.accept(text);
  }

  private static String sum(String text) {
    return HexFormat.of().formatHex(StreamHead.sha256().digest(text.getBytes(UTF_8)));
  }

  private FeedStatement.Head headOf(String feed, long event) {
    return new FeedStatement.Head("n", nonce, feed, event, List.of(), sum(String.valueOf(head)));
  }

  private static String signed(TestCa signer, String text) {
    FeedStatement statement = TestRecords.sign(signer, text);
    return "{\"type\":\"signed\",\"statement\":\"%s\",\"signature\":\"%s\",\"signer\":\"%s\"}"
        .formatted(text, statement.signature(), statement.signer());
  }

  private void sign(FeedStatement.Head of) {
    follower.accept(signed(OPERATIONS, of.text()));
    head = null;
  }

  private void signedLine(String feed, long event, String text) {
    follower.accept(signed(OPERATIONS, new FeedStatement.Event(feed, event, sum(text)).text()));
    follower.accept(text);
  }

  /** Goes on from what is there. */
  private void resume(long event) {
    begin(false);
    sign(headOf("f", event));
  }

  private void snapshot(long event, boolean last, String certificates) {
    part("f", event, last, certificates);
    if (last) {
      sign(headOf("f", event));
    }
  }

  private void part(String feed, long event, boolean last, String certificates) {
    if (head == null) {
      begin(true);
    }
    line(
        "{\"type\":\"snapshot\",\"feed\":\"%s\",\"event\":%d,\"last\":%b,\"certificates\":[%s]}"
            .formatted(feed, event, last, certificates));
  }

  private void status(long event, String status, String certificates) {
    line(statusLine(event, status, certificates));
  }

  private static String statusLine(long event, String status, String certificates) {
    return "{\"type\":\"status\",\"event\":%d,\"deviceId\":\"d\",\"status\":\"%s\",\"new\":1,\"certificates\":[%s]}"
        .formatted(event, status, certificates);
  }

  @Test
  void snapshotInPartsReplacesAllAtItsEnd() {
    snapshot(1, true, certificate(1, "d-1"));
    snapshot(5, false, certificate(2, "d-2"));
    assertThat(index.block(key(1))).as("still the old one").isPresent();
    snapshot(5, true, certificate(3, "d-3"));
    assertThat(index.block(key(1))).isEmpty();
    assertThat(index.block(key(2))).isPresent();
    assertThat(index.block(key(3))).isPresent();
    assertThat(evicted).containsExactly("d-1", "d-2", "d-3");
  }

  private static String restored(long event, String confirmed) {
    return ("{\"type\":\"restored\",\"event\":%d,\"windows\":[{\"from\":\"2026-01-01T00:00:00Z\","
            + "\"until\":\"2026-01-02T00:00:00Z\"}],\"confirmed\":[%s]}")
        .formatted(event, confirmed);
  }

  private static String confirmed(int serial) {
    return "{\"issuer\":\"issuing\",\"serial\":\"%02X\"}".formatted(serial);
  }

  @Test
  void restoreWindowsAreThoseOfTheLastHeadAndFurtherOnesAreConfirmedByEvents() {
    begin(true);
    line(restored(0, confirmed(1)));
    line(restored(0, confirmed(2)));
    snapshot(1, true, "");
    assertThat(index.restore().current().windows()).hasSize(1);
    assertThat(index.restore().current().confirmed()).containsExactlyInAnyOrder(key(1), key(2));
    line(restored(2, confirmed(3)));
    assertThat(index.restore().current().confirmed()).as("not signed").doesNotContain(key(3));
    signedLine("f", 3, restored(3, confirmed(4)));
    assertThat(index.restore().current().confirmed())
        .containsExactlyInAnyOrder(key(1), key(2), key(4));
    snapshot(4, true, "");
    assertThat(index.restore().current()).as("none is open").isEqualTo(RestoreWindows.NONE);
  }

  @Test
  void restoreLineThatDoesNotReadEndsTheStream() {
    begin(true);
    assertThatThrownBy(() -> line("{\"type\":\"restored\",\"event\":0,\"windows\":[]}"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void brokenSnapshotLeavesNoTrace() {
    snapshot(1, true, "");
    snapshot(5, false, certificate(2, "d-2"));
    begin(true); // the stream broke, another begins
    snapshot(5, true, certificate(3, "d-3"));
    assertThat(index.block(key(2))).isEmpty();
  }

  @Test
  void eventsApplyOnceAndInOrder() {
    snapshot(1, true, "");
    status(2, "revoked", certificate(2, "d-2"));
    status(2, "revoked", certificate(9, "d-9"));
    assertThat(index.event()).isEqualTo(2);
    assertThat(index.block(key(9))).as("an event that was applied before").isEmpty();
    assertThat(evicted).containsExactly("d-2");
  }

  @Test
  void suspendedIsBlockedUntilActive() {
    snapshot(1, true, "");
    status(2, "suspended", certificate(2, "d-2"));
    assertThat(index.block(key(2))).isPresent();
    signedLine("f", 3, statusLine(3, "active", certificate(2, "d-2")));
    assertThat(index.block(key(2))).isEmpty();
  }

  @Test
  void unknownEventCountsAsApplied() {
    snapshot(1, true, "");
    line("{\"type\":\"weather\",\"event\":2}");
    assertThat(index.event()).isEqualTo(2);
  }

  @Test
  void missedEventIsNoticedByTheNextHeartbeat() {
    snapshot(1, true, "");
    line("{\"type\":\"heartbeat\",\"event\":1}");
    assertThatThrownBy(() -> line("{\"type\":\"heartbeat\",\"event\":3}"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("event 3");
  }

  @Test
  void lineThatIsNoneIsRefused() {
    for (String text :
        List.of(
            "nonsense",
            "[",
            "{\"type\":\"status\",\"event\":2}",
            "{\"type\":\"status\",\"event\":2,\"certificates\":[{}]}")) {
      assertThatThrownBy(() -> line(text)).isInstanceOf(RuntimeException.class);
    }
    assertThat(index.event()).isZero();
  }

  @Test
  void gapAmongEventsIsNoticedAtOnceAndTheNextWholeStatusMendsIt() {
    snapshot(1, true, "");
    assertThatThrownBy(() -> status(3, "revoked", certificate(3, "d-3")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("event 3");
    assertThat(index.block(key(3))).isEmpty();
    assertThat(index.event()).isEqualTo(1);
    begin(true);
    assertThatThrownBy(() -> status(2, "revoked", certificate(2, "d-2")))
        .as("the whole was asked for")
        .isInstanceOf(RefusedException.class);
    begin(true);
    snapshot(3, true, certificate(3, "d-3"));
    status(4, "revoked", certificate(4, "d-4"));
    assertThat(index.block(key(4))).isPresent();
  }

  @Test
  void partsOfDifferentStatusesAreNotMixed() {
    snapshot(5, false, certificate(2, "d-2"));
    assertThatThrownBy(() -> snapshot(6, true, "")).isInstanceOf(IllegalStateException.class);
    begin(true);
    snapshot(5, false, certificate(2, "d-2"));
    assertThatThrownBy(() -> status(6, "revoked", certificate(3, "d-3")))
        .isInstanceOf(RefusedException.class);
    assertThat(index.isKnown()).isFalse();
  }

  @Test
  void anUnfinishedStatusIsNoContact() {
    snapshot(1, true, "");
    Instant before = clock.now;
    clock.now = before.plusSeconds(60);
    begin(true);
    snapshot(5, false, certificate(2, "d-2"));
    assertThat(index.contact()).isEqualTo(before);
    assertThat(follower.isFollowing()).isFalse();
    snapshot(5, true, "");
    assertThat(index.contact()).isEqualTo(clock.now);
    assertThat(follower.isFollowing()).isTrue();
  }

  @Test
  void whatIsToldBesideAWholeStatusDoesNotMoveThePosition() {
    begin(true);
    line("{\"type\":\"trust\",\"event\":0,\"roots\":[],\"issuing\":[]}");
    line("{\"type\":\"policy\",\"event\":0,\"version\":7,\"mode\":\"enforce\",\"text\":\"\"}");
    part("f", 4, true, "");
    assertThat(told).as("not before the signature").isEmpty();
    sign(headOf("f", 4));
    String next =
        "{\"type\":\"policy\",\"event\":5,\"version\":8,\"mode\":\"observe\",\"text\":\"\"}";
    signedLine("f", 5, next);
    signedLine("f", 5, next);
    assertThat(told).containsExactly("trust", "policy 7", "policy 8");
    assertThat(index.event()).isEqualTo(5);
    assertThat(headsWithoutPolicy).isZero();
  }

  /** A line that is not understood may have told one. */
  @Test
  void headThatTellsNoPolicyIsOneWhereAllIsUnderstood() {
    String observed =
        "{\"type\":\"policy\",\"event\":0,\"version\":8,\"mode\":\"observe\",\"text\":\"\"}";
    begin(true);
    line(observed);
    part("f", 4, true, "");
    assertThat(headsWithoutPolicy).as("not before the signature").isZero();
    sign(headOf("f", 4));
    assertThat(headsWithoutPolicy).isEqualTo(1);
    for (String more : List.of("{\"type\":\"newer\"}", observed.replace("observe", "newer"))) {
      begin(true);
      line(more);
      part("f", 4, true, "");
      sign(headOf("f", 4));
      assertThat(headsWithoutPolicy).as(more).isEqualTo(1);
    }
  }

  @Test
  void revocationsGoOnWhateverBecomesOfInstructions() {
    snapshot(1, true, "");
    signedLine(
        "f",
        2,
        "{\"type\":\"policy\",\"event\":2,\"version\":13,\"mode\":\"enforce\",\"text\":\"\"}");
    signedLine(
        "f",
        3,
        "{\"type\":\"policy\",\"event\":3,\"version\":14,\"mode\":\"somehow\",\"text\":\"\"}");
    line("{\"type\":\"trust\",\"event\":4,\"roots\":[\"not a certificate\"],\"issuing\":[]}");
    status(5, "revoked", certificate(5, "d-5"));
    assertThat(index.block(key(5))).contains(Block.REVOKED);
    assertThat(evicted).containsExactly("d-5");
  }

  private void assertRefused(ThrowingCallable attempt, String... parts) {
    assertThatThrownBy(attempt)
        .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.line()).contains(parts));
  }

  @Test
  void unsignedHeadIsNoneAndLeavesNoTrace() {
    begin(true);
    line("{\"type\":\"policy\",\"event\":0,\"version\":7,\"mode\":\"enforce\",\"text\":\"\"}");
    part("f", 5, true, certificate(2, "d-2"));
    assertRefused(() -> line("{\"type\":\"heartbeat\",\"event\":5}"), "did not sign", "update");
    assertThat(index.isKnown()).isFalse();
    assertThat(told).isEmpty();
    begin(false);
    assertRefused(() -> status(1, "revoked", certificate(1, "d-1")), "did not sign");
  }

  @Test
  void headIsBoundedBeforeItIsSigned() {
    begin(true);
    String order =
        "{\"type\":\"policy\",\"event\":0,\"version\":7,\"mode\":\"enforce\",\"text\":\"\"}";
    for (int i = 0; i < 16; i++) {
      line(order);
    }
    assertThatThrownBy(() -> line(order)).hasMessageContaining("16 instructions");

    StreamHead small = new StreamHead(new StreamHead.Ask("n", "00", true), index, false, 2);
    String part =
        "{\"type\":\"snapshot\",\"feed\":\"f\",\"event\":5,\"last\":false,\"certificates\":[%s]}"
            .formatted(certificate(1, "d-1"));
    small.add(FeedLine.parse(part), part);
    small.add(FeedLine.parse(part), part);
    assertRefused(
        () -> small.add(FeedLine.parse(part), part), "more than 2 certificates", "larger heap");
  }

  @Test
  void headThatAnotherKeySignedIsRefused() {
    TestCa broker = OPERATIONS.server("CN=n,OU=broker");
    for (TestCa impostor : List.of(broker, TestCa.root().authority("operations"))) {
      begin(true);
      part("f", 5, true, "");
      String text = headOf("f", 5).text();
      assertRefused(() -> follower.accept(signed(impostor, text)), "another signer");
      FeedStatement genuine = TestRecords.sign(impostor, text);
      FeedStatement borrowed =
          new FeedStatement(text, genuine.signature(), TestRecords.sign(OPERATIONS, text).signer());
      assertThatThrownBy(borrowed::verifiedSigner).isInstanceOf(RefusedException.class);
    }
    assertThat(index.isKnown()).isFalse();
  }

  @Test
  void headOfAnotherStreamNodeOrContentIsRefused() {
    begin(true);
    part("f", 5, true, certificate(1, "d-1"));
    FeedStatement.Head old = headOf("f", 5);
    sign(old);

    begin(true); // replayed: the same lines, an old nonce
    part("f", 5, true, certificate(1, "d-1"));
    assertRefused(() -> sign(old), "another stream");

    begin(true);
    part("f", 5, true, "");
    FeedStatement.Head mine = headOf("f", 5);
    var others = new FeedStatement.Head("m", mine.nonce(), "f", 5, mine.follows(), mine.lines());
    assertRefused(() -> sign(others), "another node");

    begin(true); // the first page omitted, or pages in another order
    part("f", 5, false, certificate(1, "d-1"));
    part("f", 5, true, certificate(2, "d-2"));
    FeedStatement.Head inOrder = headOf("f", 5);
    follower.begin(new StreamHead.Ask("n", nonce, true));
    part("f", 5, true, certificate(2, "d-2"));
    assertRefused(() -> sign(inOrder), "not those that were signed");
    follower.begin(new StreamHead.Ask("n", nonce, true));
    part("f", 5, false, certificate(2, "d-2"));
    part("f", 5, true, certificate(1, "d-1"));
    assertRefused(() -> sign(inOrder), "not those that were signed");

    begin(true); // the policy swapped
    line("{\"type\":\"policy\",\"event\":0,\"version\":7,\"mode\":\"enforce\",\"text\":\"good\"}");
    part("f", 5, true, "");
    FeedStatement.Head good = headOf("f", 5);
    follower.begin(new StreamHead.Ask("n", nonce, true));
    line("{\"type\":\"policy\",\"event\":0,\"version\":7,\"mode\":\"enforce\",\"text\":\"evil\"}");
    part("f", 5, true, "");
    assertRefused(() -> sign(good), "not those that were signed");
    assertThat(told).isEmpty();
    assertThat(index.block(key(1))).as("what was in force").isPresent();
  }

  @Test
  void truncatedStatusIsRefusedEvenWhenItIsSigned() {
    begin(true);
    part("f", 5, false, certificate(1, "d-1"));
    assertRefused(() -> sign(headOf("f", 5)), "lacks certificates' status");
    begin(true);
    assertRefused(() -> sign(headOf("f", 5)), "lacks certificates' status");
    begin(true);
    part("f", 5, true, "");
    assertRefused(() -> sign(headOf("f", 6)), "lacks certificates' status");
    assertThat(index.isKnown()).isFalse();
  }

  @Test
  void olderOrOtherFeedIsRefusedUntilAnOperatorApprovesIt() throws IOException {
    snapshot(50, true, certificate(1, "d-1"));
    FeedApproval approval = new FeedApproval(folder);
    part("f", 40, true, "");
    assertRefused(() -> sign(headOf("f", 40)), "older", "accept-feed");
    assertThat(approval.refused().orElseThrow().knownEvent()).isEqualTo(50);
    begin(true);
    assertRefused(() -> part("f", 60, true, ""), "refused before"); // its numbers have gone on
    begin(true);
    part("g", 9, true, "");
    assertRefused(() -> sign(headOf("g", 9)), "feed g", "followed f");
    assertThatThrownBy(() -> approval.approve("f")).isInstanceOf(RefusedException.class);
    assertThat(index.block(key(1))).isPresent();

    approval.approve("g");
    begin(true);
    part("g", 9, true, "");
    sign(headOf("g", 9));
    assertThat(index.feed()).isEqualTo("g");
    assertThat(approval.refused()).isEmpty();
    begin(true);
    part("f", 90, true, "");
    assertRefused(() -> sign(headOf("f", 90)), "feed f");
    approval.approve("f");
    approval.use();
    begin(true);
    part("g", 8, true, "");
    assertRefused(() -> sign(headOf("g", 8)), "older");
    approval.approve("g");
    approval.use();
  }

  @Test
  void feedThatGoesOnFromTheOneInForceIsFollowed() {
    snapshot(50, true, "");
    begin(true);
    part("restored", 40, true, certificate(1, "d-1"));
    FeedStatement.Head head = headOf("restored", 40);
    sign(
        new FeedStatement.Head(
            head.node(), head.nonce(), "restored", 40, List.of("later", "f"), head.lines()));
    assertThat(index.feed()).isEqualTo("restored");
    assertThat(index.event()).isEqualTo(40);
    assertThat(index.block(key(1))).isPresent();
  }

  @Test
  void whatLiftsTellsOrTrustsNeedsItsOwnSignatureAndRevocationsGoOnWithoutIt() {
    snapshot(1, true, certificate(1, "d-1"));
    String lift = statusLine(2, "active", certificate(1, "d-1"));
    line(lift);
    assertThat(index.block(key(1))).as("not lifted").isPresent();
    assertThat(index.refusal()).contains("event 2");
    assertThat(follower.isLacking()).isTrue();
    line("{\"type\":\"policy\",\"event\":3,\"version\":7,\"mode\":\"enforce\",\"text\":\"\"}");
    line("{\"type\":\"trust\",\"event\":4,\"roots\":[],\"issuing\":[]}");
    String other = statusLine(5, "active", certificate(1, "d-1"));
    follower.accept(signed(OPERATIONS, new FeedStatement.Event("f", 5, sum(lift)).text()));
    follower.accept(other); // signed for another line
    String next = statusLine(6, "active", certificate(1, "d-1"));
    signedLine("g", 6, next); // of another feed
    String last = statusLine(7, "active", certificate(1, "d-1"));
    signedLine("f", 6, last); // of another event
    assertThat(told).isEmpty();
    assertThat(index.block(key(1))).isPresent();
    status(8, "revoked", certificate(8, "d-8"));
    assertThat(index.block(key(8))).isPresent();
    snapshot(8, true, certificate(8, "d-8"));
    assertThat(index.refusal()).isEmpty();
    assertThat(follower.isLacking()).isFalse();
  }

  @Test
  void followingOnAwaitsEventsUpToTheSignedHeadAndPassesOverOutdatedOrders() {
    snapshot(1, true, "");
    begin(false);
    line("{\"type\":\"policy\",\"event\":0,\"version\":9,\"mode\":\"enforce\",\"text\":\"\"}");
    sign(headOf("f", 3));
    assertThat(follower.isFollowing()).isFalse();
    signedLine(
        "f",
        2,
        "{\"type\":\"policy\",\"event\":2,\"version\":8,\"mode\":\"enforce\",\"text\":\"\"}");
    status(3, "revoked", certificate(3, "d-3"));
    assertThat(follower.isFollowing()).isTrue();
    assertThat(told).containsExactly("policy 9");
    assertThatThrownBy(() -> resume(2)).isInstanceOf(RefusedException.class);
  }
}
