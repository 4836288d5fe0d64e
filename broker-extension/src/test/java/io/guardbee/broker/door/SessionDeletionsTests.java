package io.guardbee.broker.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.policy.Policy;
import io.guardbee.broker.status.BlockedCertificate;
import io.guardbee.broker.status.Evictor.Begun;
import io.guardbee.broker.status.IndexForTests;
import io.guardbee.broker.status.Remains;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A revocation does not wait for the broker's store, and the store is emptied all the same. */
class SessionDeletionsTests {

  private static final Policy POLICY =
      Policy.parse(
          """
          version: 1
          rules:
            - name: all
              when: { subject.OU: sensor }
              clientId: "${subject.CN}"
          """,
          "policy");

  private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
  private final Path folder;
  private final StandInHouse house;
  private final Visitor device = StandInHouse.visitor("d-1", 2);

  SessionDeletionsTests(@TempDir Path folder) {
    this.folder = folder;
    this.house = new StandInHouse(folder, () -> POLICY, scheduler);
  }

  @BeforeEach
  void connect() throws Exception {
    assertThat(house.connect(device, 0)).isTrue();
  }

  @AfterEach
  void stop() {
    scheduler.shutdownNow();
  }

  private Begun revoke() {
    return revoke(house);
  }

  private Begun revoke(StandInHouse house) {
    List<BlockedCertificate> revoked =
        List.of(
            new BlockedCertificate(
                device.key(), device.name(), "revoked", Instant.parse("2099-01-01T00:00:00Z")));
    IndexForTests.apply(house.index, 1, "revoked", revoked);
    return house.bouncer.evict(revoked);
  }

  @Test
  void connectionIsClosedWhileItsSessionIsStillBeingDeleted() throws Exception {
    CompletableFuture<Void> store = new CompletableFuture<>();
    house.broker.hold(store);
    Begun begun = revoke();
    assertThat(begun.closed().get(5, TimeUnit.MINUTES)).isEqualTo(1);
    assertThat(house.live.size()).isZero();
    assertThat(begun.deletion().sessions()).isNotDone();
    assertThat(house.bouncer.isDropping("d-1")).as("nobody may get it").isTrue();
    store.complete(null);
    begun.deletion().sessions().get(5, TimeUnit.MINUTES);
    assertThat(house.broker.sessions()).isEmpty();
    assertThat(house.bouncer.isDropping("d-1")).isFalse();
  }

  @Test
  void deviceWithItsNextCertificateWaitsUntilItsFormerSessionIsGone() throws Exception {
    CompletableFuture<Void> store = new CompletableFuture<>();
    house.broker.hold(store);
    assertThat(revoke().closed().get(5, TimeUnit.MINUTES)).isEqualTo(1);
    CompletableFuture<Void> next = house.resume(StandInHouse.visitor("d-1", 3));
    assertThat(next).isNotDone();
    store.complete(null);
    next.get(5, TimeUnit.MINUTES);
    assertThat(house.broker.sessions()).isEmpty();
  }

  /** The deletion finds the client id in use, by one that may yet be refused. */
  @Test
  void sessionIsNotLeftToADeviceThatIsNotInYet() throws Exception {
    ImmediateExecutor immediate = new ImmediateExecutor();
    StandInHouse other = new StandInHouse(folder, () -> POLICY, immediate);
    assertThat(other.connect(device, 0)).isTrue();
    LiveConnection next = other.arrive(StandInHouse.visitor("d-1", 3));
    other.admit(next);
    CompletableFuture<Void> store = new CompletableFuture<>();
    other.broker.hold(store);
    Begun begun = revoke(other);
    assertThat(begun.deletion().sessions()).isNotDone();
    CompletableFuture<Void> resumed = other.resume(next);
    assertThat(resumed).as("with the session of the revoked certificate").isNotDone();
    other.live.unregister(next.number());
    store.complete(null);
    begun.deletion().sessions().get(5, TimeUnit.MINUTES);
    assertThat(other.broker.sessions()).isEmpty();
    immediate.shutdownNow();
  }

  /** Runs in the caller's thread what is not for later. */
  private static final class ImmediateExecutor extends ScheduledThreadPoolExecutor {

    ImmediateExecutor() {
      super(1);
    }

    @Override
    public void execute(Runnable task) {
      task.run();
    }
  }

  @Test
  void deletionThatFailsIsTriedAgain() throws Exception {
    house.broker.fail(2);
    Begun begun = revoke();
    assertThat(begun.closed().get(5, TimeUnit.MINUTES)).isEqualTo(1);
    begun.deletion().sessions().get(5, TimeUnit.MINUTES);
    assertThat(house.broker.sessions()).isEmpty();
  }

  /** As after a restart. */
  @Test
  void sessionsOfNamedDevicesAreDeletedUnlessSomebodyUsesThem() throws Exception {
    assertThat(house.connect(StandInHouse.visitor("d-2", 3), 0)).isTrue();
    Remains remains = new Remains(Set.of("d-1", "d-2"), Set.of());
    house.bouncer.delete(remains).sessions().get(5, TimeUnit.MINUTES);
    assertThat(house.broker.sessions()).containsExactlyInAnyOrder("d-1", "d-2");
    house.broker.leaveSession("d-2");
    house.bouncer.delete(remains).sessions().get(5, TimeUnit.MINUTES);
    assertThat(house.broker.sessions()).containsExactly("d-1");
  }
}
